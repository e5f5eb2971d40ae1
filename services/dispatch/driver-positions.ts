import { Type } from 'typebox';
import Value from 'typebox/value';
import type { Bus } from '../lib/bus.ts';
import type { Clock } from '../lib/clock.ts';
import { parseEvent } from '../lib/delivery.ts';
import { type Redis, tryRedis } from '../lib/redis.ts';
import { createDriverGrid, type DriverGrid } from './driver-grid.ts';
import type { Position } from './position.ts';

/** Where drivers are, in the memory of this instance; each instance hears of every position. */
export interface DriverPositions {
  /** For "who is nearest"; may hold positions that have become too old. */
  readonly grid: DriverGrid;
  /** The newest position, unless it is too old. */
  find(id: string): Position | undefined;
  /** Takes over what Redis knows; without Redis, positions come with the next events. */
  load(redis: Redis): Promise<void>;
  /** Hears positions from now on; the result stops it. */
  listen(bus: Bus): () => void;
  /** Drops positions that are too old. */
  forgetOld(): void;
}

/** A position this old says nothing about where a driver is; as long as Redis keeps them, in milliseconds. */
const lifeMs = 120_000;
const loadAtOnce = 500;

const LocationData = Type.Object({
  id: Type.String({ format: 'uuid' }),
  lat: Type.Number({ minimum: -90, maximum: 90 }),
  lon: Type.Number({ minimum: -180, maximum: 180 }),
  at: Type.String({ format: 'date-time' }),
});

export function createDriverPositions(clock: Pick<Clock, 'now'>): DriverPositions {
  const grid = createDriverGrid();
  const heardAt = new Map<string, number>();

  /** An older position never takes the place of a newer one. */
  function put(id: string, position: Position, at: number): void {
    if (at <= (heardAt.get(id) ?? Number.NEGATIVE_INFINITY) || at < clock.now() - lifeMs) return;
    heardAt.set(id, at);
    grid.put(id, position);
  }

  /** What is no position is left out: it is not ours to park, and the next one makes up for it. */
  function hear(text: string): void {
    try {
      const { data } = parseEvent(text, clock.now());
      if (Value.Check(LocationData, data)) put(data.id, data, Date.parse(data.at));
    } catch {
      return;
    }
  }

  async function loadSome(redis: Redis, ids: readonly string[]): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        const [lat, lon, at] = await redis.hmget(`driver:{${id}}:location`, 'lat', 'lon', 'at');
        const data = { id, lat: Number(lat ?? Number.NaN), lon: Number(lon ?? Number.NaN), at };
        if (Value.Check(LocationData, data)) put(id, data, Date.parse(data.at));
      }),
    );
  }

  return {
    grid,
    find(id) {
      const at = heardAt.get(id);
      return at === undefined || at < clock.now() - lifeMs ? undefined : grid.positionOf(id);
    },
    async load(redis) {
      await tryRedis(async () => {
        const ids = await redis.zrange('drivers:geo', '0', '-1');
        for (let index = 0; index < ids.length; index += loadAtOnce) {
          await loadSome(redis, ids.slice(index, index + loadAtOnce));
        }
      });
    },
    listen: (bus) => bus.listenLive('driver.location_updated.v1.*', (_topic, text) => hear(text)),
    forgetOld() {
      for (const [id, at] of heardAt) {
        if (at >= clock.now() - lifeMs) continue;
        heardAt.delete(id);
        grid.remove(id);
      }
    },
  };
}
