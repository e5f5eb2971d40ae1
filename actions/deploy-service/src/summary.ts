import { renderPlan } from '../../core/src/decide/deployment-plan.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import { strategyNameOf } from '../../core/src/decide/strategy-update.ts';
import { renderDiff, renderDiffMarkdown } from '../../core/src/decide/task-definition-diff.ts';
import type { ServiceDeploymentItem } from '../../core/src/deployments-json.ts';
import type { Log } from '../../core/src/log.ts';
import { renderTable } from '../../core/src/report/table.ts';
import type { ServiceAlarmNote } from './alarm-guard.ts';
import { knownBadOf, type PlannedService } from './plan.ts';
import type { WaveResult } from './waves.ts';

/**
 * Tells the plan in the log, one line a step and a difference, and warns of a revision that is known to be bad and of
 * alarms that will guard nothing.
 */
export function tellPlan(
  planned: readonly PlannedService[],
  alarmNotes: readonly ServiceAlarmNote[],
  log: Log,
): void {
  for (const { text } of alarmNotes) log.warning(text);
  for (const plan of planned) {
    const { service } = plan.wanted;
    for (const line of renderPlan(plan.steps)) log.info(`${service}: ${line}`);
    for (const line of renderDiff(plan.changes)) log.info(`${service}:   ${line}`);
    const mark = knownBadOf(plan);
    if (mark === undefined || !plan.equal) continue;
    const revision = familyRevisionOf(plan.equal.taskDefinitionArn);
    log.warning(
      `${service}: ${revision} is marked known-bad${mark ? ` (${mark})` : ''} and is deployed again.`,
    );
  }
}

/** The plan as Markdown: a row a service, below it what differs in each task definition. */
export function renderPlanSummary(
  planned: readonly PlannedService[],
  alarmNotes: readonly ServiceAlarmNote[],
  commit: string,
): string {
  const rows = planned.map(({ wanted, before, current, steps }) => [
    wanted.service,
    withCommit(familyRevisionOf(before.taskDefinitionArn), current?.tags['git-sha']),
    wanted.strategy?.type ?? strategyNameOf(before.settings?.deploymentConfiguration ?? {}),
    renderPlan(steps).join('\n'),
  ]);
  const minds = alarmNotes.map(({ text }) => `- Mind: ${text}`).join('\n');
  const title = `## Deployment plan${commit ? ` of ${commit.slice(0, 12)}` : ''}`;
  const table = renderTable(['Service', 'Runs', 'Strategy', 'Does'], rows);
  const diffs = planned.flatMap(({ wanted, changes }) =>
    changes.length > 0 ? [`### ${wanted.service}\n\n${renderDiffMarkdown(changes)}`] : [],
  );
  return [title, table, minds, ...diffs].filter((part) => part !== '').join('\n\n');
}

/** What was done as Markdown: a row a service in deployment order, and what ended the run early. */
export function renderResultSummary({ items, migrations, failure }: WaveResult): string {
  const rows = items.map((item) => [
    String((item.wave ?? 0) + 1),
    item.service,
    `${familyRevisionOf(item.previousTaskDefinitionArn ?? '')} → ${familyRevisionOf(item.taskDefinitionArn)}`,
    migrationCell(migrations, item),
    deploymentCell(item),
  ]);
  const migrated = [...migrations].filter(([service]) => !items.some((item) => item.service === service));
  const table = renderTable(
    ['Wave', 'Service', 'Task definition', 'Migration', 'Service deployment'],
    [
      ...rows,
      ...migrated.map(([service, { seconds }]) => ['', service, '', `done in ${seconds} s`, 'not deployed']),
    ],
  );
  const end = failure === undefined ? '' : ['### Ended early', '````text', failure, '````'].join('\n\n');
  return ['## Deployed', table || 'No service was deployed.', end].filter((part) => part !== '').join('\n\n');
}

function migrationCell(migrations: WaveResult['migrations'], { service }: ServiceDeploymentItem): string {
  const migration = migrations.get(service);
  return migration ? `done in ${migration.seconds} s: ${migration.text}` : '';
}

function deploymentCell({ serviceDeploymentArn, changed }: ServiceDeploymentItem): string {
  const id = serviceDeploymentArn?.split('/').at(-1);
  if (id === undefined) return changed ? 'not seen yet' : 'none needed';
  return changed ? id : `${id} (under way already)`;
}

function withCommit(revision: string, commit: string | undefined): string {
  return commit ? `${revision} (${commit.slice(0, 12)})` : revision;
}
