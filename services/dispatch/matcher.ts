import type { Clock } from '../lib/clock.ts';
import type { DriverPositions } from './driver-positions.ts';
import { type FreeDriver, type Match, mayTake } from './matching.ts';
import type { Offer, Offers } from './offers.ts';
import type { ClaimedOrder, OrderQueue } from './order-queue.ts';
import { metresBetween } from './position.ts';
import type { Roster } from './roster.ts';
import type { UnassignedReason } from './schemas.ts';
import type { Strategy } from './strategies/strategies.ts';

/** What a strategy chose for some orders, and why it chose nobody for the others. */
export interface Matching {
  readonly matches: readonly (Match & { readonly distanceMeters: number })[];
  readonly unassigned: readonly { readonly orderId: string; readonly reason: UnassignedReason }[];
}

/** Finds drivers for the orders that wait. */
export interface Matcher {
  /** Claims orders, chooses drivers and proposes; says whether more orders may be due. */
  run(): Promise<boolean>;
  /** Chooses drivers of one organisation for its orders; writes nothing. */
  match(org: string, orders: readonly ClaimedOrder[], strategy: Strategy): Promise<Matching>;
}

/** Most orders matched together: what `optimal` solves exactly in a fraction of a second. */
export const windowSize = 300;
/** How long others keep off claimed orders; longer than any strategy takes. */
const leaseMs = 10_000;
const againAfterMs = 1_000;

export function createMatcher(deps: {
  queue: OrderQueue;
  roster: Roster;
  positions: DriverPositions;
  offers: Offers;
  strategy: Strategy;
  assignment: 'auto' | 'offer';
  clock: Pick<Clock, 'now'>;
  /** Told how long one matching took, in seconds. */
  onMatched: (seconds: number) => void;
  onUnassigned: (reason: UnassignedReason) => void;
}): Matcher {
  const { queue, roster, positions, offers, strategy, assignment, clock, onMatched, onUnassigned } = deps;

  async function match(org: string, orders: readonly ClaimedOrder[], by: Strategy): Promise<Matching> {
    const drivers: FreeDriver[] = (await roster.idle(org)).flatMap((driver) => {
      const position = positions.find(driver.id);
      return position ? [{ ...driver, position }] : [];
    });
    const began = clock.now();
    const matches = await by.match(orders, drivers);
    onMatched((clock.now() - began) / 1_000);
    return explain(orders, drivers, matches);
  }

  async function propose(
    order: ClaimedOrder,
    chosen: Matching['matches'][number],
  ): Promise<Offer | undefined> {
    const { driverId, distanceMeters, cost } = chosen;
    const state = assignment === 'auto' ? 'accepted' : 'open';
    const facts = {
      orderId: order.id,
      version: order.version,
      driverId,
      distanceMeters,
      cost,
      state,
    } as const;
    return offers.propose({ ...facts, strategy: strategy.name, by: 'dispatch' }, clock.now());
  }

  /** Lets orders wait again; gives whether any of them should be looked at now. */
  async function putBack(unassigned: Matching['unassigned']): Promise<boolean> {
    const byReason = Map.groupBy(unassigned, ({ reason }) => reason);
    for (const [reason, orders] of byReason) {
      for (const _order of orders) onUnassigned(reason);
      // Who lost a race is looked at again now: there may be another driver.
      const nextAt = clock.now() + (reason === 'taken-meanwhile' ? 0 : againAfterMs);
      const ids = orders.map(({ orderId }) => orderId);
      await queue.putBack(ids, reason, nextAt);
    }
    return byReason.has('taken-meanwhile');
  }

  /** Matches orders of one organisation and proposes; gives whether any of them should be looked at now. */
  async function serve(org: string, orders: readonly ClaimedOrder[]): Promise<boolean> {
    const byId = new Map(orders.map((order) => [order.id, order]));
    const { matches, unassigned } = await match(org, orders, strategy);
    const lost: { orderId: string; reason: UnassignedReason }[] = [];
    for (const chosen of matches) {
      const order = byId.get(chosen.orderId);
      if (order && !(await propose(order, chosen))) {
        lost.push({ orderId: order.id, reason: 'taken-meanwhile' });
      }
    }
    return putBack([...unassigned, ...lost]);
  }

  return {
    match,
    async run() {
      const claimed = await queue.claim(windowSize, clock.now(), leaseMs);
      let isMore = claimed.length === windowSize;
      for (const [org, orders] of Map.groupBy(claimed, ({ org: of }) => of)) {
        if (await serve(org, orders)) isMore = true;
      }
      return isMore;
    },
  };
}

/** Adds to a strategy's choice the distances, and why the other orders got nobody. */
function explain(
  orders: readonly ClaimedOrder[],
  drivers: readonly FreeDriver[],
  matches: readonly Match[],
): Matching {
  const orderOf = new Map(orders.map((order) => [order.id, order]));
  const driverOf = new Map(drivers.map((driver) => [driver.id, driver]));
  const matched = new Set(matches.map(({ orderId }) => orderId));
  const isAnyLeft = drivers.length > matches.length;
  return {
    matches: matches.flatMap((one) => {
      const [order, driver] = [orderOf.get(one.orderId), driverOf.get(one.driverId)];
      if (!order || !driver) return [];
      return [{ ...one, distanceMeters: Math.round(metresBetween(order.pickup, driver.position)) }];
    }),
    unassigned: orders
      .filter(({ id }) => !matched.has(id))
      .map((order) => {
        const isFit = !isAnyLeft || drivers.some((driver) => mayTake(order, driver));
        const reason = isFit ? 'no-free-driver' : 'nobody-fits';
        return { orderId: order.id, reason } as const;
      }),
  };
}
