import type { Goal } from '../contest.ts';
import { startProgram } from '../program.ts';
import { matchers, rushHour, totalMetres } from '../programs/batch.ts';

const ours = 'batch-greedy';
const scan = 'scan of all drivers';

/** G7: a batch of a thousand orders among ten thousand drivers. */
export const driverBatch: Goal = {
  id: 'G7',
  title: '1,000 orders matched among 10,000 drivers',
  gates: [{ of: 'rate', ours, peer: scan, bar: 40 }],
  async open() {
    const play = (name: string, matcher: string) =>
      startProgram(name, 'driver-batch.ts', { MATCHER: matcher });
    return {
      contestants: [await play(ours, 'grid'), await play(scan, 'scan')],
      async facts() {
        const { orders, drivers } = rushHour(2);
        const [own, theirs] = [matchers.grid, matchers.scan].map((match) =>
          totalMetres(match(orders, drivers)),
        );
        return [
          {
            name: 'metres to all pickups',
            value: String(own),
            bar: `= ${theirs}`,
            holds: own === theirs,
          },
        ];
      },
    };
  },
};
