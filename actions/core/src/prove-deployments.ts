import type { Elbv2Client } from './aws-clients.ts';
import { readAlarms } from './cloudwatch/alarm-states.ts';
import { renderAlarm, watchingAlarms } from './decide/alarm-reading.ts';
import {
  decideProof,
  type Proof,
  type RunningTask,
  strangersAmong,
  type TargetState,
} from './decide/proof.ts';
import { readFormerAddresses, readRunningTasks } from './ecs/running-tasks.ts';
import { readServices } from './ecs/service.ts';
import { readServiceRevisions } from './ecs/service-revision.ts';
import { isTransient } from './ecs/transient.ts';
import { readTargetStates } from './elb/target-states.ts';
import { renderError } from './errors.ts';
import type { FollowDeps } from './follow.ts';
import type { SummaryRow } from './report/verdict-summary.ts';

/** What proving needs besides what following needs. */
export interface ProofDeps extends FollowDeps {
  elb: Elbv2Client;
}

/** ECS and the load balancer may tell of a change at different moments: so often, so far apart, is looked again. */
const LOOKS = 10;
const LOOK_AGAIN_MS = 2_000;

/**
 * Proves each success by what runs: tasks, their digests, and the targets of the load balancer. A success that
 * is contradicted for 20 s becomes `unknown`, which is red. What the role may not read is said and left out.
 * About five calls a service, and more where its target groups have targets that are none of its tasks.
 */
export async function proveSuccesses(rows: readonly SummaryRow[], deps: ProofDeps): Promise<SummaryRow[]> {
  return Promise.all(
    rows.map(async (row) => {
      if (row.verdict.word !== 'succeeded' || row.serviceDeploymentArn === null) return row;
      const looked = await proveInTime(row, deps);
      if (looked === undefined || looked.proof.kind === 'moved') return row;
      const { proof, alarmNames } = looked;
      if (proof.kind === 'proven') {
        deps.log.info(`${row.service}: proven: ${proof.what}`);
        await tellBlindAlarms(row, alarmNames, deps);
        return { ...row, proof: proof.what };
      }
      const reason = `ECS calls it successful, but ${proof.faults.join('; ')}`;
      return { ...row, verdict: { ...row.verdict, word: 'unknown', green: false, reason } };
    }),
  );
}

/** A deployment that no alarm could have failed has passed no alarm. */
async function tellBlindAlarms({ service }: SummaryRow, names: readonly string[], deps: ProofDeps) {
  if (!deps.cloudwatch) return;
  const readings = await readAlarms(deps.cloudwatch, names).catch((error: unknown) => {
    deps.log.info(`${service}: its alarms could not be read: ${renderError(error)}`);
    return [];
  });
  for (const reading of readings.filter(({ state }) => state === 'INSUFFICIENT_DATA'))
    deps.log.warning(`${service}: an alarm proves nothing of this success: ${renderAlarm(reading)}`);
}

/** A proof, and the alarms that watch the service's deployments. */
interface Look {
  proof: Proof;
  alarmNames: string[];
}

async function proveInTime(row: SummaryRow, deps: ProofDeps): Promise<Look | undefined> {
  let last: Look | undefined;
  for (let look = 0; look < LOOKS && !deps.signal?.aborted; look++) {
    if (look > 0) await deps.clock.sleep(LOOK_AGAIN_MS, deps.signal);
    try {
      last = await readProof(row, deps);
    } catch (error) {
      if (isTransient(error)) continue;
      deps.log.warning(
        `${row.service}: what runs could not be read, so nothing proves it: ${renderError(error)}`,
      );
      return undefined;
    }
    if (last.proof.kind !== 'contradicted') return last;
  }
  return last;
}

async function readProof(row: SummaryRow, deps: ProofDeps): Promise<Look> {
  const { ecs } = deps;
  const { cluster, serviceName, taskDefinitionArn, verdict } = row;
  const revisionArn = verdict.servingRevisionArn;
  const [[service], running, revisions] = await Promise.all([
    readServices(ecs, cluster, [serviceName]),
    readRunningTasks(ecs, { cluster, serviceName }),
    readServiceRevisions(ecs, revisionArn ? [revisionArn] : []),
  ]);
  const images = revisions.get(revisionArn ?? '')?.images ?? [];
  const targets = await tryTargets(service?.targetGroupArns ?? [], row, deps);
  const proof = decideProof({
    taskDefinitionArn,
    serviceTaskDefinitionArn: service?.taskDefinitionArn ?? '',
    desiredCount: service?.desiredCount ?? 0,
    requestedCount: row.requestedCount,
    endsEarly: service?.endsEarly ?? false,
    goesOn: verdict.by?.kind === 'stage',
    running,
    deployedDigests: new Map(
      images.flatMap(({ container, digest }) => (digest ? [[container, digest]] : [])),
    ),
    targets,
    formerAddresses: await formerAmong(targets ?? [], running, row, deps),
  });
  return { proof, alarmNames: watchingAlarms(service?.settings?.deploymentConfiguration) };
}

/** Others may register targets in the same group; one that a task of the service has left behind is its own fault. */
async function formerAmong(
  targets: readonly TargetState[],
  running: readonly RunningTask[],
  row: SummaryRow,
  { ecs }: ProofDeps,
): Promise<ReadonlySet<string>> {
  return strangersAmong(targets, running).length === 0 ? new Set() : readFormerAddresses(ecs, row);
}

async function tryTargets(targetGroupArns: readonly string[], { service }: SummaryRow, deps: ProofDeps) {
  try {
    return await readTargetStates(deps.elb, targetGroupArns);
  } catch (error) {
    if (isTransient(error)) throw error;
    deps.log.info(`${service}: its targets could not be read: ${renderError(error)}`);
    return undefined;
  }
}
