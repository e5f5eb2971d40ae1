/**
 * Finds the five nearest drivers, one query after the other, by the INDEX that is asked for: `grid`, `redis` or `scan`.
 */
import { Redis } from 'ioredis';
import { createDriverGrid } from '../../../services/dispatch/driver-grid.ts';
import type { Position } from '../../../services/dispatch/position.ts';
import { serveRounds } from '../program.ts';
import { driversOf, placeIn, scanNearest, seeded } from './city.ts';

const random = seeded(1);
const drivers = driversOf(random, 10_000);

type Query = (from: Position) => unknown;

function openGrid(): Query {
  const grid = createDriverGrid();
  for (const { id, position } of drivers) grid.put(id, position);
  return (from) => grid.nearest(from, 5);
}

/** A radius of 5 km, as is usual: without one Redis sorts the whole set. */
async function openRedis(url: string): Promise<Query> {
  const redis = new Redis(url);
  await redis.geoadd('drivers', ...drivers.flatMap(({ id, position }) => [position.lon, position.lat, id]));
  process.stdin.once('end', () => redis.disconnect());
  return ({ lat, lon }) =>
    redis.geosearch('drivers', 'FROMLONLAT', lon, lat, 'BYRADIUS', 5_000, 'm', 'ASC', 'COUNT', 5);
}

async function open(): Promise<{ query: Query; count: number }> {
  switch (process.env.INDEX) {
    case 'grid':
      return { query: openGrid(), count: 50_000 };
    case 'redis':
      return { query: await openRedis(process.env.REDIS_URL ?? ''), count: 1_000 };
    case 'scan':
      return { query: (from) => scanNearest(drivers, from, 5), count: 100 };
    default:
      throw new Error(`INDEX is ${process.env.INDEX}; write grid, redis or scan.`);
  }
}

const { query, count } = await open();
await serveRounds(async () => {
  for (let done = 0; done < count; done += 1) {
    const found = query(placeIn(random));
    if (found instanceof Promise) await found;
  }
  return count;
});
