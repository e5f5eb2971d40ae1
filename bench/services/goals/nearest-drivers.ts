import { startRedis } from '../../../local/stack/redis.ts';
import type { Goal } from '../contest.ts';
import { startProgram } from '../program.ts';
import { countDifferences } from '../programs/city.ts';

const ours = 'grid';
const redisGeo = 'Redis GEOSEARCH';
const scan = 'linear scan';
const compared = 10_000;

/** G6: the five nearest of ten thousand drivers in a city. */
export const nearestDrivers: Goal = {
  id: 'G6',
  title: 'the 5 nearest of 10,000 drivers',
  gates: [
    { of: 'rate', ours, peer: redisGeo, bar: 30 },
    { of: 'rate', ours, peer: scan, bar: 80 },
  ],
  async open() {
    const redis = await startRedis({ log: console.log });
    const play = (name: string, index: string) =>
      startProgram(name, 'nearest-drivers.ts', { INDEX: index, REDIS_URL: redis.url });
    return {
      contestants: [await play(ours, 'grid'), await play(redisGeo, 'redis'), await play(scan, 'scan')],
      async facts() {
        const differing = countDifferences(compared);
        return [
          {
            name: `of ${compared} random queries, answered unlike brute force`,
            value: String(differing),
            bar: '0',
            holds: differing === 0,
          },
        ];
      },
      close: redis.stop,
    };
  },
};
