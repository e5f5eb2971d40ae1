/**
 * Measures the start of an action: `npm run bench:start`. Exits 1 when it misses its bar.
 */
import { benchActionStart, renderStarts, START_BAR } from './action-start.ts';
import { takeNoArguments } from './no-arguments.ts';

takeNoArguments('bench:start');
const results = await benchActionStart();
console.log(renderStarts(results));
const missed = results.slice(2).filter(({ share }) => share > START_BAR);
for (const { title, share } of missed) console.error(`${title}: ${share.toFixed(2)}, bar ${START_BAR}`);
if (missed.length > 0) process.exitCode = 1;
