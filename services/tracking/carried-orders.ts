import type { Clock } from '../lib/clock.ts';
import type { Timeline, TrackedOrder } from './timeline.ts';

/** Which orders each driver carries now, without asking PostgreSQL at every position. */
export interface CarriedOrders {
  /** At most two seconds old; up to a minute while PostgreSQL is away, and none after that. Never rejects. */
  of(driverId: string): Promise<readonly TrackedOrder[]>;
  /** Asks again at the driver's next position: for what this instance has changed itself. */
  recheck(driverId: string): void;
}

const freshMs = 2_000;
const staleMs = 60_000;
const remembered = 20_000;

export function createCarriedOrders(deps: { load: Timeline['carriedBy']; clock: Clock }): CarriedOrders {
  const { load, clock } = deps;
  const known = new Map<string, { orders: readonly TrackedOrder[]; readAt: number; triedAt: number }>();

  return {
    async of(driverId) {
      const entry = known.get(driverId);
      const now = clock.now();
      if (entry && now - entry.triedAt < freshMs) return entry.orders;
      const kept = entry && now - entry.readAt < staleMs ? entry : { orders: [], readAt: now - staleMs };
      // Set before asking: positions that come meanwhile do not ask as well.
      known.set(driverId, { ...kept, triedAt: now });
      for (const oldest of known.keys()) {
        if (known.size <= remembered) break;
        known.delete(oldest);
      }
      const orders = await load(driverId).catch(() => undefined);
      if (orders === undefined) return kept.orders;
      known.set(driverId, { orders, readAt: clock.now(), triedAt: now });
      return orders;
    },
    recheck(driverId) {
      const entry = known.get(driverId);
      if (entry) known.set(driverId, { ...entry, triedAt: Number.NEGATIVE_INFINITY });
    },
  };
}
