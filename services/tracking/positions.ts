import type { Logger } from 'pino';
import type { Bus } from '../lib/bus.ts';
import type { Clock } from '../lib/clock.ts';
import type { Locations } from '../lib/locations.ts';
import type { Ping, PingResult } from '../lib/ping.ts';
import { Problem } from '../lib/problem.ts';
import { type Redis, tryRedis } from '../lib/redis.ts';
import type { CarriedOrders } from './carried-orders.ts';
import { stageAt } from './delivery-stages.ts';
import type { Growth, Timeline, TrackedOrder } from './timeline.ts';

/** Who reports a position. */
export interface Reporter {
  readonly id: string;
  readonly org: string;
}

/** What a position sets going: Redis, who watches, and the timelines of the orders its driver carries. */
export interface Positions {
  /** Takes positions in the order of their time; gives what became of each, in the order they were given. */
  report(driver: Reporter, pings: readonly Ping[]): Promise<PingResult[]>;
  /** Follows a position that has been accepted, here or by the driver service. Passes over one that is not newer. */
  follow(driverId: string, ping: Ping): Promise<void>;
}

/** A position that comes later than this, in milliseconds, says nothing of how far its driver is now. */
const lateMs = 60 * 60_000;
/** About as many positions are kept in the stream of Redis. */
const streamLength = 100_000;

export function createPositions(deps: {
  locations: Locations;
  redis: Redis;
  bus: Bus;
  carried: CarriedOrders;
  timeline: Timeline;
  clock: Clock;
  log: Logger;
  /** Called after an order's timeline has grown. */
  onGrowth: (growth: Growth) => void;
}): Positions {
  const { locations, redis, bus, carried, timeline, clock, log, onGrowth } = deps;
  /** When each driver's newest position was; as many as drive at a time. */
  const followed = new Map<string, number>();

  async function follow(driverId: string, ping: Ping): Promise<void> {
    const { lat, lon, at } = ping;
    const time = Date.parse(at);
    if (time <= (followed.get(driverId) ?? Number.NEGATIVE_INFINITY)) return;
    followed.set(driverId, time);
    const position = { type: 'position', driverId, point: { lat, lon }, at };
    bus.publishLive(`live.driver.${driverId}`, JSON.stringify(position));
    void tryRedis(() =>
      redis.xadd(
        'stream:locations',
        'MAXLEN',
        '~',
        streamLength,
        '*',
        'driver',
        driverId,
        'lat',
        lat,
        'lon',
        lon,
        'at',
        at,
      ),
    );
    for (const order of await carried.of(driverId)) {
      bus.publishLive(`live.order.${order.id}`, JSON.stringify({ ...position, orderId: order.id }));
      await advance(order, ping, driverId);
    }
  }

  /** Tells that the driver has come near a place. What fails is tried again at the next position. */
  async function advance(order: TrackedOrder, { lat, lon, at }: Ping, driverId: string): Promise<void> {
    const point = { lat, lon };
    const isLate = clock.now() - Date.parse(at) > lateMs;
    const type = isLate ? undefined : stageAt(order, point);
    if (type === undefined) return;
    try {
      await timeline.reach(order.id, { type, at, driverId, point, actor: driverId });
      onGrowth({ orderId: order.id, driverId });
    } catch (error) {
      // Another instance was first, or the order has just been taken from the driver.
      if (error instanceof Problem && error.code !== 'STORE_UNAVAILABLE') return;
      log.warn({ err: error, order: order.id, type }, 'stage not written; the next position may');
    }
  }

  return {
    follow,
    async report(driver, pings) {
      const inTime = pings
        .map((ping, place) => ({ ping, place }))
        .sort((one, other) => Date.parse(one.ping.at) - Date.parse(other.ping.at));
      const results: PingResult[] = [];
      for (const { ping, place } of inTime) {
        const result = await locations.report(driver, ping);
        if (result === 'accepted') await follow(driver.id, ping);
        results[place] = result;
      }
      return results;
    },
  };
}
