import fc from 'fast-check';
import { anySimulation, simulate } from '../local/aws/ecs/test/engine/simulated-rollout.ts';
import { anyScenario, playScenario } from '../local/aws/ecs/test/random-rollout.ts';

/**
 * Random rollouts of the local ECS, far more of them than the tests take time for. The first argument is a
 * factor on their number; a rollout that breaks a property ends it with an error that shows how to repeat it.
 */
const factor = Number(process.argv[2] ?? 1);
const seed = Date.now() % 2 ** 31;

await measure('simulated by the pure decisions', 10_000 * factor, (numRuns) =>
  fc.assert(
    fc.property(anySimulation, (simulation) => void simulate(simulation)),
    { numRuns, seed },
  ),
);
await measure('played through the SDK in virtual time', 500 * factor, (numRuns) =>
  fc.assert(fc.asyncProperty(anyScenario, playScenario), { numRuns, seed }),
);

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
