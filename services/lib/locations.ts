import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import { judgePing } from './location-filters.ts';
import type { EventMaker } from './outbox.ts';
import type { Ping, PingResult } from './ping.ts';
import { Problem } from './problem.ts';
import { type Redis, tryRedis } from './redis.ts';

/** A position is forgotten so long after the last ping, in seconds. */
const lifeSeconds = 120;

/**
 * Where drivers are: the newest position of each, in Redis for everybody and in memory for the filters. Two services
 * take positions, and each may run several times: that an event was told is noted in Redis for all of them.
 */
export interface Locations {
  /** Judges a ping and keeps it when it is fit; the event goes out at most every few seconds a driver. */
  report(driver: { id: string; org: string }, ping: Ping): Promise<PingResult>;
  /** The newest position, unless it is too old. Throws `UPSTREAM_UNAVAILABLE` while Redis is away. */
  find(id: string): Promise<Ping | undefined>;
}

export function createLocations(deps: {
  redis: Redis;
  bus: Bus;
  event: EventMaker;
  clock: Clock;
  eventEveryMs: number;
  /** Who tells the events; the driver, if not given. */
  actor?: string;
  onPing: (result: PingResult) => void;
}): Locations {
  const { redis, bus, event, clock, eventEveryMs, actor, onPing } = deps;
  /** The last accepted ping of each driver and when it was told; as many as drive at a time. */
  const recent = new Map<string, { ping: Ping; toldAt: number }>();
  const keyOf = (id: string) => `driver:{${id}}:location`;

  async function report(driver: { id: string; org: string }, ping: Ping): Promise<PingResult> {
    const last = recent.get(driver.id) ?? (await load(driver.id));
    const result = judgePing(ping, last?.ping, clock.now());
    onPing(result);
    if (result !== 'accepted') return result;
    const toldAt = last?.toldAt ?? Number.NEGATIVE_INFINITY;
    recent.set(driver.id, { ping, toldAt });
    await tryRedis(() => keep(driver.id, ping));
    if (clock.now() - toldAt >= eventEveryMs && (await claimEvent(driver.id))) {
      recent.set(driver.id, { ping: recent.get(driver.id)?.ping ?? ping, toldAt: clock.now() });
      await announce(driver, ping);
    }
    return result;
  }

  async function load(id: string) {
    const ping = await tryRedis(() => readPing(id));
    return ping && { ping, toldAt: Number.NEGATIVE_INFINITY };
  }

  async function keep(id: string, ping: Ping): Promise<void> {
    const fields = Object.fromEntries(Object.entries(ping).map(([name, value]) => [name, String(value)]));
    await Promise.all([
      // Anew: what the last position said of speed or accuracy does not hold for this one.
      redis.multi().del(keyOf(id)).hset(keyOf(id), fields).expire(keyOf(id), lifeSeconds).exec(),
      redis.geoadd('drivers:geo', ping.lon, clampLatitude(ping.lat), id),
    ]);
  }

  /** Says whether no other instance has told an event of this driver lately; without Redis each goes by its own. */
  async function claimEvent(id: string): Promise<boolean> {
    const claim = () => redis.set(`driver:{${id}}:told`, '1', 'PX', Math.max(1, eventEveryMs), 'NX');
    return (await tryRedis(claim)) !== null;
  }

  async function readPing(id: string): Promise<Ping | undefined> {
    const { lat, lon, at, accuracyM, speedMs, headingDeg } = await redis.hgetall(keyOf(id));
    if (lat === undefined || lon === undefined || at === undefined) return undefined;
    return {
      lat: Number(lat),
      lon: Number(lon),
      at,
      ...(accuracyM !== undefined && { accuracyM: Number(accuracyM) }),
      ...(speedMs !== undefined && { speedMs: Number(speedMs) }),
      ...(headingDeg !== undefined && { headingDeg: Number(headingDeg) }),
    };
  }

  /** Not through the outbox: the next position makes up for a lost one, and a late one is worth nothing. */
  async function announce({ id, org }: { id: string; org: string }, ping: Ping): Promise<void> {
    const fact = event({
      subject: 'driver.location_updated.v1',
      org,
      actor: actor ?? id,
      data: { id, ...ping },
    });
    await bus.publish(fact, id).catch(() => undefined);
  }

  return {
    report,
    find: (id) =>
      readPing(id).catch((error: unknown) => {
        throw new Problem('UPSTREAM_UNAVAILABLE', 'Positions cannot be read now.', {
          retryAfterSeconds: 2,
          cause: error,
        });
      }),
  };
}

/** Redis keeps places between these latitudes only (Web Mercator). */
function clampLatitude(lat: number): number {
  return Math.max(-85.05112878, Math.min(85.05112878, lat));
}
