import { deploymentIdOf } from '../../core/src/decide/deployment-plan.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import type { Log } from '../../core/src/log.ts';
import { renderTable } from '../../core/src/report/table.ts';
import { renderCommits } from './commits-away.ts';
import { candidateOf, type PlannedRollback } from './plan.ts';

/** The plan of one service as one line: from where to where, by which means, and why. */
function renderPlanned({ wanted, before, means }: PlannedRollback): string {
  const from = familyRevisionOf(before.taskDefinitionArn);
  switch (means.kind) {
    case 'candidate': {
      const copy = means.copy ? ' by a copy of it, since it is INACTIVE' : '';
      return `${wanted.service}: from ${from} to ${familyRevisionOf(means.taskDefinitionArn)}${copy}: ${means.why}.${renderSkipped(means.skipped)}`;
    }
    case 'current':
      return `${wanted.service}: runs ${from} already${means.why ? `: ${means.why}` : ''}`;
    case 'none':
      return `${wanted.service}: nothing to roll back to: ${means.why}.${renderSkipped(means.skipped)}`;
    case 'nothing':
      return `${wanted.service}: nothing to do: ${means.why}`;
    default: {
      const then = means.next ? `; then to ${familyRevisionOf(means.next.taskDefinitionArn)}` : '';
      return `${wanted.service}: ${means.kind} service deployment ${deploymentIdOf(means.serviceDeploymentArn)}: ${means.why}${then}`;
    }
  }
}

/** Which revisions were passed over, as a sentence; empty when none was. */
export function renderSkipped(skipped: readonly { revision: string; why: string }[]): string {
  return skipped.length === 0
    ? ''
    : ` Passed over: ${skipped.map(({ revision, why }) => `${revision} ${why}`).join(', ')}.`;
}

/** Logs each plan with what was found, its way and the commits that go away. */
export function tellPlan(planned: readonly PlannedRollback[], log: Log): void {
  const words = { refuse: 'obstacle', act: 'done on the way', warn: 'mind' } as const;
  for (const one of planned) {
    const { service } = one.wanted;
    log.info(renderPlanned(one));
    if (one.path) log.info(`${service}:   way: ${one.path}`);
    for (const { kind, text } of one.findings ?? []) log.info(`${service}:   ${words[kind]}: ${text}`);
    for (const line of one.commits ? renderCommits(one.commits) : []) log.info(`${service}:   ${line}`);
  }
}

/** The plan for the page of the job. */
export function renderPlanSummary(planned: readonly PlannedRollback[]): string {
  const rows = planned.map((one) => [
    one.wanted.service,
    familyRevisionOf(one.before.taskDefinitionArn),
    renderPlanned(one).slice(one.wanted.service.length + 2),
    (one.findings ?? []).map(({ text }) => text).join('\n'),
  ]);
  const table = renderTable(['Service', 'Runs', 'Would go', 'Mind'], rows);
  return `## Rollback plan\n\n${table}${renderCommitsSummary(planned)}`;
}

/** The commits that go away, one list for services that leave the same ones. */
export function renderCommitsSummary(planned: readonly PlannedRollback[]): string {
  const moving = planned.filter(({ commits }) => commits !== undefined);
  const groups = [...Map.groupBy(moving, ({ commits }) => JSON.stringify(commits))];
  return groups
    .map(([, group]) => {
      const names = group.map(({ wanted }) => wanted.service).join(', ');
      const commits = group[0]?.commits;
      // Indented by four, a commit's subject is no Markdown.
      const lines = commits ? renderCommits(commits).map((line) => `    ${line}`) : [];
      return `\n\nCommits that go away (${names}):\n\n${lines.join('\n')}\n`;
    })
    .join('');
}

/** One element of the output `plan`. */
export function planItem(one: PlannedRollback) {
  const { wanted, before, means, findings = [], target, path, commits } = one;
  return {
    service: wanted.service,
    serviceName: wanted.serviceName,
    currentTaskDefinitionArn: before.taskDefinitionArn,
    ...means,
    ...(target === undefined ? {} : { targetTaskDefinitionArn: target }),
    ...(path ? { way: path } : {}),
    ...(commits ? { commits } : {}),
    ...(one.pins && candidateOf(one) ? { pins: one.pins } : {}),
    findings,
  };
}
