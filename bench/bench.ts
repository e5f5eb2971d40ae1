/**
 * Runs the benches and prints their tables: `npm run bench`. Exits 1 when a figure misses its bar.
 */
import { BARS_MS, benchSimulations, renderSimulations } from './local-ecs-rollouts.ts';
import { BAR_RATIO, benchWire, renderWire } from './local-ecs-wire.ts';
import { percentile } from './measure.ts';
import { takeNoArguments } from './no-arguments.ts';
import { BAR_MS, benchVirtualRollouts, renderRollouts } from './virtual-rollout.ts';

takeNoArguments('bench');
const missed: string[] = [];

const rollouts = await benchVirtualRollouts();
console.log(`${renderRollouts(rollouts)}\n`);
for (const { title, series } of rollouts.filter(({ series }) => series.medianMs >= BAR_MS)) {
  missed.push(`${title}: median ${series.medianMs.toFixed(1)} ms, bar ${BAR_MS} ms`);
}

const simulations = await benchSimulations();
console.log(`${renderSimulations(simulations)}\n`);
if (simulations.large.medianMs > BARS_MS.large)
  missed.push('a simulated deployment of 100 tasks is too slow');
if (simulations.manyMs > BARS_MS.many) missed.push('ten thousand simulated deployments are too slow');

const wire = await benchWire(console.log);
console.log(renderWire(wire));
const ratio = percentile(wire.ratios, 50);
if (ratio < BAR_RATIO) missed.push(`the local ECS is ${ratio.toFixed(1)} times moto, bar ${BAR_RATIO}`);

for (const line of missed) console.error(line);
if (missed.length > 0) process.exitCode = 1;
