import { deepStrictEqual, ok } from 'node:assert/strict';
import { ListTagsForResourceCommand, ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs';
import { deployService } from '../../actions/deploy-service/src/run.ts';
import { scriptByImage } from '../../local/aws/ecs/runtime/scripted-runtime.ts';
import { createSeededRandom } from '../../local/aws/ecs/virtual-ecs.ts';
import { type DeployStage, openDeployStage } from './deploy-stage.ts';
import { type Behaviours, handOver } from './stage.ts';

/** A job by how the deployed image behaves, and by when what it deployed is rolled back. */
export interface KilledJob {
  behaviour: Behaviours[string];
  rollback: 'never' | 'after-wait' | 'at-once';
}

export const JOBS: Readonly<Record<string, KilledJob>> = {
  'goes well': { behaviour: {}, rollback: 'never' },
  'goes well and is rolled back': { behaviour: {}, rollback: 'after-wait' },
  'is slow and rolled back at once': { behaviour: { startsAfterMs: 40_000 }, rollback: 'at-once' },
  'crashes until the breaker trips': {
    behaviour: { exits: { afterMs: 100, code: 3 } },
    rollback: 'after-wait',
  },
  'is stopped, for its image is not there': {
    behaviour: { failsToStart: 'CannotPullContainerError: manifest unknown' },
    rollback: 'never',
  },
};

/** What is there once all has come to rest. */
export interface EndState {
  revision: string;
  /** Running and desired tasks, and the deployments they belong to. */
  tasks: string;
  taskDefinitions: number;
  scaling: { suspended: string[]; tags: Record<string, string> };
  serviceTags: unknown[];
  targets: number;
}

/** `calls` are those of the last run of the job, `deployments` those of all its runs. */
export interface JobEnd {
  state: EndState;
  calls: number;
  deployments: number;
}

/**
 * Plays deploy, wait, rollback and the end of the job, which gets a SIGKILL once its n-th call was carried out and
 * before the answer is there: no line of it runs on, and what it kept for its own end is gone. Then the job is run
 * again from its begin. Without a number it is played once, undisturbed.
 */
async function playKilledJob(job: KilledJob, killedAfterCall?: number): Promise<JobEnd> {
  const stage = await openDeployStage(scriptByImage({ 'web:2': job.behaviour }));
  await stage.open('web', '1');
  await stage.scale('web', { ScheduledScalingSuspended: true });
  const before = (await stage.history('web')).length;
  if (killedAfterCall !== undefined) {
    await runUntil(stage, job, killedAfterCall);
    Object.assign(stage.deps.github, { runAttempt: '2' });
  }
  const calls = await runUntil(stage, job, Number.POSITIVE_INFINITY);
  const state = await readEnd(stage);
  return { state, calls, deployments: (await stage.history('web')).length - before };
}

/**
 * Kills a job at so many different points, drawn from a seed, or at all where it has no more calls, each time on a
 * new stage, and runs it again. Throws where that ends otherwise than the undisturbed one, or deploys more than each
 * of the two runs would by itself. Gives the number of points.
 */
export async function playKillPoints(job: KilledJob, wanted: number, seed: number): Promise<number> {
  const undisturbed = await playKilledJob(job);
  const random = createSeededRandom(seed);
  const points = new Set<number>();
  while (points.size < Math.min(wanted, undisturbed.calls))
    points.add(1 + Math.floor(random() * undisturbed.calls));
  for (const point of points) {
    const { state, deployments } = await playKilledJob(job, point);
    deepStrictEqual({ point, state }, { point, state: undisturbed.state });
    ok(deployments <= 2 * undisturbed.deployments, `${deployments} deployments, killed at call ${point}`);
  }
  return points.size;
}

/** One process: its clients and what it keeps are its own, and end with it. Gives how many calls it has made. */
async function runUntil(stage: DeployStage, job: KilledJob, lastCall: number): Promise<number> {
  const { promise: death, resolve: die } = Promise.withResolvers<void>();
  const { access } = stage.deps;
  let calls = 0;
  const mortal: typeof access = (who) => {
    const given = access(who);
    const handler = given.requestHandler as DeployStage['requestHandler'];
    const handle: typeof handler.handle = async (request, options) => {
      if (calls >= lastCall) return new Promise<never>(() => {});
      calls += 1;
      const isLast = calls === lastCall;
      const answer = await handler.handle(request, options);
      if (isLast) die();
      return calls >= lastCall ? new Promise<never>(() => {}) : answer;
    };
    return { ...given, requestHandler: { ...handler, handle } };
  };
  Object.assign(stage.deps, { access: mortal });
  await Promise.race([death, runJob(stage, job)]);
  Object.assign(stage.deps, { access });
  return calls;
}

async function runJob(stage: DeployStage, { rollback }: KilledJob): Promise<void> {
  const kept = new Map<string, string>();
  const saveState = (name: string, value: string) => void kept.set(name, value);
  Object.assign(stage.deps, { saveState });
  const deployed = await stage.deploy('web', '2', { 'hold-autoscaling': 'all' });
  if (rollback !== 'at-once') await stage.wait(handOver(deployed));
  if (rollback !== 'never') await stage.rollback(handOver(deployed));
  await deployService.after?.((name) => kept.get(name) ?? '', stage.deps);
}

/** Lets all come to rest, then reads what is there. */
export async function readEnd(stage: DeployStage): Promise<EndState> {
  for (let i = 0; i < 20; i++) {
    await stage.clock.sleep(30_000);
    if (!(await stage.history('web')).some((status) => /PENDING|PROGRESS|REQUESTED/.test(status))) break;
  }
  const [service] = await stage.describe('web');
  const listed = await stage.client.send(new ListTaskDefinitionsCommand({ familyPrefix: 'web' }));
  const resourceArn = service?.serviceArn ?? '';
  const { tags } = await stage.client.send(new ListTagsForResourceCommand({ resourceArn }));
  const targetGroupArn = service?.loadBalancers?.[0]?.targetGroupArn ?? '';
  return {
    revision: service?.taskDefinition?.split('/').at(-1) ?? '',
    tasks: `${service?.runningCount} of ${service?.desiredCount} in ${service?.deployments?.length}`,
    taskDefinitions: listed.taskDefinitionArns?.length ?? 0,
    scaling: await stage.scaling('web'),
    serviceTags: tags ?? [],
    targets: stage.targetGroups.registered(targetGroupArn).length,
  };
}
