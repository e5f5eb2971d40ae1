import { deepStrictEqual, ok } from 'node:assert/strict';
import { scriptByImage } from '../../local/aws/ecs/runtime/scripted-runtime.ts';
import { createSeededRandom } from '../../local/aws/ecs/virtual-ecs.ts';
import { openDeployStage } from '../virtual/deploy-stage.ts';
import { type JobEnd, type KilledJob, readEnd } from '../virtual/fault-kill.ts';
import { type Bundles, CLOCK_FACTOR, openJob } from './job.ts';
import { serveStage } from './stage-over-http.ts';

/** So many jobs at once; each is one process at a time. */
const AT_ONCE = 4;

/**
 * Plays a job as processes against a stage over HTTP. The process that makes the n-th call gets a SIGKILL once that
 * call was carried out and before its answer, and the job is run again from its begin. Without a number it is played
 * once, undisturbed.
 */
async function playProcesses(
  bundles: Bundles,
  job: KilledJob,
  killedAt?: number,
): Promise<JobEnd & { isKilled: boolean }> {
  const stage = await openDeployStage(scriptByImage({ 'web:2': job.behaviour }));
  await stage.open('web', '1');
  await stage.scale('web', { ScheduledScalingSuspended: true });
  const before = (await stage.history('web')).length;
  const server = await serveStage(stage, CLOCK_FACTOR, (call) => {
    if (call !== killedAt) return true;
    processes.kill();
    return false;
  });
  const processes = openJob(bundles, server.endpoint, job.rollback !== 'never');
  try {
    const isKilled = !(await processes.run(1));
    if (isKilled) ok(await processes.run(2), 'the second run comes to its end');
    const calls = server.calls();
    const state = await readEnd(stage);
    return { state, calls, deployments: (await stage.history('web')).length - before, isKilled };
  } finally {
    server.close();
  }
}

/**
 * Kills the processes of a job at so many points, drawn from a seed, each time on a new stage, and runs it again.
 * Throws where that ends otherwise than the undisturbed one, or deploys more than each of the two runs would by itself.
 * The clocks of processes are their own, so a point may lie after the last call: then an earlier one is taken.
 */
export async function killProcesses(
  bundles: Bundles,
  job: KilledJob,
  wanted: number,
  seed: number,
): Promise<void> {
  const undisturbed = await playProcesses(bundles, job);
  const random = createSeededRandom(seed);
  const left = Array.from({ length: wanted }, () => 1 + Math.floor(random() * undisturbed.calls));
  const playNext = async (): Promise<void> => {
    for (let point = left.pop(); point !== undefined; point = left.pop()) {
      const { state, deployments, isKilled } = await playProcesses(bundles, job, point);
      if (!isKilled) left.push(1 + Math.floor((random() * point) / 2));
      deepStrictEqual({ point, state }, { point, state: undisturbed.state });
      ok(deployments <= 2 * undisturbed.deployments, `${deployments} deployments, killed at call ${point}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, playNext));
}
