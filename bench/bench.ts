/**
 * Runs the benches and prints their tables: `npm run bench`. Exits 1 when a figure misses its bar.
 */
import { BAR_MS, benchVirtualRollouts, renderRollouts } from './virtual-rollout.ts';

const rollouts = await benchVirtualRollouts();
console.log(renderRollouts(rollouts));
const missed = rollouts.filter(({ series }) => series.medianMs >= BAR_MS);
for (const { title, series } of missed) {
  console.error(`${title}: median ${series.medianMs.toFixed(1)} ms, bar ${BAR_MS} ms`);
}
if (missed.length > 0) process.exitCode = 1;
