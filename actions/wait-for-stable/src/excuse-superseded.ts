import type { ECSClient } from '@aws-sdk/client-ecs';
import { readServiceDeployments } from '../../core/src/ecs/service-deployment.ts';
import { readServiceRevisions } from '../../core/src/ecs/service-revision.ts';
import { tryTaskDefinition } from '../../core/src/ecs/task-definition.ts';
import type { Log } from '../../core/src/log.ts';
import type { SummaryRow } from '../../core/src/report/verdict-summary.ts';

/** What the excuse depends on besides ECS. */
export interface ExcuseDeps {
  ecs: ECSClient;
  log: Log;
  /** Whether `newer` descends from `older`; `undefined` when nobody can tell. */
  descends(commits: { older: string; newer: string }): Promise<boolean | undefined>;
}

/**
 * Turns `superseded` green, with a notice, where the deployment that took over carries a commit that descends
 * from ours: then our change is in it, and its own run proves it. Whatever cannot be found out stays red.
 * The commit of a revision is its tag `git-sha`.
 */
export async function excuseSuperseded(rows: readonly SummaryRow[], deps: ExcuseDeps): Promise<SummaryRow[]> {
  return Promise.all(
    rows.map(async (row) => {
      if (row.verdict.by?.kind !== 'deployment') return row;
      const newer = await findCommit(deps.ecs, row.verdict.by.serviceDeploymentArn).catch(() => undefined);
      if (!newer || !row.commit) return row;
      if (!(await deps.descends({ older: row.commit, newer }))) return row;
      const reason = `the newer deployment carries ${newer.slice(0, 12)}, which descends from ${row.commit.slice(0, 12)}`;
      deps.log.notice(`${row.service} was superseded: ${reason}.`);
      return { ...row, verdict: { ...row.verdict, green: true, reason } };
    }),
  );
}

async function findCommit(ecs: ECSClient, serviceDeploymentArn: string): Promise<string | undefined> {
  const reading = (await readServiceDeployments(ecs, [serviceDeploymentArn])).get(serviceDeploymentArn);
  const revisionArn = reading?.target?.serviceRevisionArn;
  if (!revisionArn) return undefined;
  const taskDefinitionArn = (await readServiceRevisions(ecs, [revisionArn])).get(
    revisionArn,
  )?.taskDefinitionArn;
  return taskDefinitionArn ? (await tryTaskDefinition(ecs, taskDefinitionArn))?.tags['git-sha'] : undefined;
}
