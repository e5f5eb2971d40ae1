import fc from 'fast-check';
import { anySimulation, simulate } from '../local/aws/ecs/test/engine/simulated-rollout.ts';
import { assertSameAfterLoad, playScenario } from '../local/aws/ecs/test/random/play.ts';
import { anyScenario } from '../local/aws/ecs/test/random/scenario.ts';
import { buildBundles } from '../test/killed/job.ts';
import { killProcesses } from '../test/killed/kill-points.ts';
import { JOBS, playKillPoints } from '../test/virtual/fault-kill.ts';
import { anyObservation, assertJudgedRight } from '../test/virtual/fault-observation.ts';
import { anyFaultSequence, playFaultSequence } from '../test/virtual/fault-sequence.ts';
import { anyFaultyRun, playFaultyRun } from '../test/virtual/faulty-run.ts';
import { closeStages } from '../test/virtual/stage.ts';

/**
 * Random rollouts of the local ECS, far more of them than the tests take time for: `npm run soak [-- FACTOR]`, FACTOR on
 * their number. A rollout that breaks a property ends it with an error that shows how to repeat it.
 * `npm run soak containers` instead rolls 50 real tasks behind a target group and 10 with container checks, and
 * counts the health-check intervals that were missed. `npm run soak outbox` kills a service 200 times at the fail points
 * of its outbox; `npm run soak overload` asks one for three times what it can do.
 */
type Soak = (log: (line: string) => void) => Promise<boolean>;

const others: Readonly<Record<string, () => Promise<Soak>>> = {
  containers: async () => (await import('../local/aws/test/traffic/rollout-of-many.ts')).soakContainers,
  outbox: async () => {
    const { soakOutbox } = await import('../test/services/platform/outbox-kills.ts');
    return (log) => soakOutbox(200, log);
  },
  overload: async () => (await import('../test/services/platform/overload.ts')).soakOverload,
};

const [asked = '1', ...more] = process.argv.slice(2);
const other = Object.hasOwn(others, asked) ? others[asked] : undefined;
const factor = Number(asked);
if (more.length > 0 || (other === undefined && !(Number.isInteger(factor) && factor >= 1))) {
  const words = Object.keys(others).join(', ');
  console.error(
    `There is no soak "${[asked, ...more].join(' ')}"; write ${words}, a whole number from 1, or nothing.`,
  );
  process.exit(2);
}
if (other !== undefined) {
  const soak = await other();
  process.exit((await soak((line) => console.log(line))) ? 0 : 1);
}
const seed = Date.now() % 2 ** 31;

await measure('simulated by the pure decisions', 10_000 * factor, (numRuns) =>
  fc.assert(
    fc.property(anySimulation, (simulation) => void simulate(simulation)),
    { numRuns, seed },
  ),
);
await measure('played on the engine in virtual time', 10_000 * factor, (numRuns) =>
  fc.assert(
    fc.asyncProperty(anyScenario, async (one) => void (await playScenario(one, { way: 'operations' }))),
    { numRuns, seed },
  ),
);
await measure('played through the SDK in virtual time', 500 * factor, (numRuns) =>
  fc.assert(
    fc.asyncProperty(anyScenario, async (one) => void (await playScenario(one, { way: 'sdk' }))),
    { numRuns, seed },
  ),
);
await measure('saved and loaded on the way', 500 * factor, (numRuns) =>
  fc.assert(fc.asyncProperty(anyScenario, fc.nat(60), assertSameAfterLoad), { numRuns, seed }),
);
await measure('deployed and followed by the actions, with faults on every side', 500 * factor, (numRuns) =>
  fc.assert(fc.asyncProperty(anyFaultyRun, playFaultyRun), { numRuns, seed }),
);
await measure(
  'deployed, followed and rolled back by jobs, with faults on every side',
  2_000 * factor,
  (numRuns) =>
    fc.assert(
      fc.asyncProperty(anyFaultSequence, async (one) => void (await playFaultSequence(one))),
      { numRuns, seed },
    ),
);
await measure(
  'seen lost, repeated, old and out of order by the pure decisions',
  100_000 * factor,
  (numRuns) =>
    fc.assert(
      fc.property(anyObservation, (one) => void assertJudgedRight(one)),
      { numRuns, seed },
    ),
);
await measure('killed at random points and run again', 200, async (points) => {
  const jobs = Object.values(JOBS);
  for (const job of jobs) await playKillPoints(job, points / jobs.length, seed);
});
const bundles = await buildBundles();
await measure('killed at random calls as processes and run again', 200, async (points) => {
  const jobs = Object.values(JOBS).filter(({ rollback }) => rollback !== 'at-once');
  for (const job of jobs) await killProcesses(bundles, job, points / jobs.length, seed);
}).finally(bundles.remove);
closeStages();

async function measure(
  what: string,
  runs: number,
  run: (runs: number) => void | Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  await run(runs);
  console.log(
    `${runs} rollouts ${what}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s (seed ${seed})`,
  );
}
