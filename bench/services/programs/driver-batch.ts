/**
 * Matches a rush hour's batch again and again, by the MATCHER that is asked for: `grid` or `scan`.
 */
import { serveRounds } from '../program.ts';
import { matchers, rushHour } from './batch.ts';

const match = process.env.MATCHER === 'grid' ? matchers.grid : matchers.scan;
const count = process.env.MATCHER === 'grid' ? 10 : 1;
const { orders, drivers } = rushHour(1);

await serveRounds(async () => {
  for (let done = 0; done < count; done += 1) {
    const matched = match(orders, drivers).length;
    if (matched !== orders.length) throw new Error(`${matched} of ${orders.length} orders were matched.`);
  }
  return count;
});
