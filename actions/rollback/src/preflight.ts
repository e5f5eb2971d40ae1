import type { ECSClient } from '@aws-sdk/client-ecs';
import { judgePreflight, type PreflightFinding } from '../../core/src/decide/preflight.ts';
import { diffTaskDefinitions } from '../../core/src/decide/task-definition-diff.ts';
import { readServiceRevisions } from '../../core/src/ecs/service-revision.ts';
import { tryTaskDefinition } from '../../core/src/ecs/task-definition.ts';
import { type NeededClients, readNeededThings } from './needed-things.ts';
import type { PlannedRollback } from './plan.ts';

const HOUR_MS = 3_600_000;

/**
 * Looks, before anything is written, at what each planned rollback would meet, and turns the plans that cannot
 * succeed into `none` with the reason. Only plans that deploy a candidate are looked at. `now` is epoch
 * milliseconds.
 */
export async function withPreflight(
  planned: readonly PlannedRollback[],
  ecs: ECSClient,
  clients: NeededClients,
  now: number,
): Promise<PlannedRollback[]> {
  return Promise.all(
    planned.map(async (plan) => {
      if (plan.means.kind !== 'candidate') return plan;
      const findings = await lookAhead(plan, plan.means, ecs, clients, now);
      const refusals = findings.filter(({ kind }) => kind === 'refuse').map(({ text }) => text);
      if (refusals.length === 0) return { ...plan, findings };
      const { skipped } = plan.means;
      return { ...plan, findings, means: { kind: 'none', why: refusals.join('; '), skipped } };
    }),
  );
}

type Candidate = Extract<PlannedRollback['means'], { kind: 'candidate' }>;

async function lookAhead(
  { before, history }: PlannedRollback,
  { taskDefinitionArn, serviceRevisionArn }: Candidate,
  ecs: ECSClient,
  clients: NeededClients,
  now: number,
): Promise<PreflightFinding[]> {
  const [currentArn] = before.currentServiceRevisionArns;
  const [registered, revisions] = await Promise.all([
    tryTaskDefinition(ecs, taskDefinitionArn),
    readServiceRevisions(
      ecs,
      [serviceRevisionArn, currentArn].flatMap((arn) => arn ?? []),
    ),
  ]);
  const target = revisions.get(serviceRevisionArn ?? '');
  const current = revisions.get(currentArn ?? '');
  const digests = new Map(
    (target?.images ?? []).flatMap(({ container, digest }) => (digest ? [[container, digest]] : [])),
  );
  const deployedAt = history.find(
    (entry) => entry.status === 'SUCCESSFUL' && entry.targetServiceRevisionArn === serviceRevisionArn,
  )?.createdAt;
  return judgePreflight({
    needs: await readNeededThings(registered?.document ?? {}, before.targetGroupArns ?? [], digests, clients),
    ...(deployedAt === undefined ? {} : { deployedAt }),
    settings: target && current ? diffTaskDefinitions(target.settings, current.settings) : [],
    desiredCount: before.desiredCount,
    minimumHealthyPercent: before.minimumHealthyPercent ?? 100,
    maximumPercent: before.maximumPercent ?? 200,
    rollbacksInHour: history.filter(
      ({ status, createdAt }) => status.startsWith('ROLLBACK_') && now - createdAt < HOUR_MS,
    ).length,
  });
}
