import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';
import { type Tracer, within } from '../lib/trace.ts';
import type { AcceptedOffer, Offers } from './offers.ts';
import { type Order, type OrderClient, stateOf } from './order-client.ts';
import type { OrderQueue } from './order-queue.ts';
import type { UnassignedReason } from './schemas.ts';

/** What dispatch tells order, and reads from it when the two no longer agree. Both say whether more may be waiting. */
export interface Assignments {
  /** Writes accepted offers to order; while it is away they stay and are tried again. */
  write(): Promise<boolean>;
  /** Reads orders that have changed in a way no event told. */
  reread(): Promise<boolean>;
}

const atOnce = 20;
const leaseMs = 10_000;
const retryDelay = { baseMs: 500, maxMs: 5_000 };

export function createAssignments(deps: {
  database: Database;
  offers: Offers;
  queue: OrderQueue;
  orders: OrderClient;
  clock: Pick<Clock, 'now'>;
  random: () => number;
  onUnassigned: (reason: UnassignedReason) => void;
  /** Called when notices are to be sent. */
  onAssigned: () => void;
  tracer: Tracer;
}): Assignments {
  const { database, offers, queue, orders, clock, random, onUnassigned, onAssigned, tracer } = deps;

  /** Takes over what order says of an order, whichever way it was learnt. */
  async function follow(order: Order): Promise<void> {
    const { id, org, version, driverId, status } = order;
    const now = clock.now();
    await database.transaction(async (transaction) => {
      await queue.step(transaction, { id, org, version, state: stateOf[status], driverId, at: now });
      if (status === 'created') return queue.refresh(transaction, order, now);
      if (driverId !== undefined) await offers.settle(transaction, id, driverId, now);
      if (status === 'delivered' || status === 'cancelled') {
        await offers.withdraw(transaction, { orderId: id }, 'order-changed', now);
      }
    });
    onAssigned();
  }

  /** In the trace of what had the order matched. */
  async function writeOne(offer: AcceptedOffer): Promise<void> {
    const span = tracer.begin({ name: 'write assignment', kind: 'internal' }, offer.trace);
    try {
      await within(span, () => tryWrite(offer));
      span.end();
    } catch (error) {
      span.end({ error });
      throw error;
    }
  }

  async function tryWrite(offer: AcceptedOffer): Promise<void> {
    const { id, orderId, driverId, version, attempts } = offer;
    try {
      const order = await orders.assign({ orderId, offerId: id, driverId, version });
      if (order) await follow(order);
      else await settleOrGiveUp(offer);
    } catch (error) {
      onUnassigned('order-away');
      const nextAt = new Date(clock.now() + 200 + backoffMs(attempts, retryDelay, random));
      await database.query('offer_later', sql`update offers set next_at = ${nextAt} where id = ${id}`);
      throw error;
    }
  }

  /** Order refused: it has changed, or an earlier try whose answer was lost has made the assignment. */
  async function settleOrGiveUp(offer: AcceptedOffer): Promise<void> {
    const order = await orders.find(offer.orderId);
    if (order?.driverId === offer.driverId && order.status !== 'created') await follow(order);
    else await offers.giveUp(offer, clock.now());
  }

  async function rereadOne({
    id,
    org,
    version,
  }: {
    id: string;
    org: string;
    version: number;
  }): Promise<void> {
    const order = await orders.find(id);
    // Order answers from a cache, which may be a little behind what its events have told: asked again after the lease.
    if (order && order.version < version) return;
    if (order) return follow(order);
    const now = clock.now();
    await database.transaction((transaction) =>
      queue.step(transaction, { id, org, version: version + 1, state: 'over', at: now }),
    );
  }

  return {
    async write() {
      const claimed = await offers.claimAccepted(atOnce, clock.now(), leaseMs);
      await allOf(claimed.map(writeOne));
      return claimed.length === atOnce;
    },
    async reread() {
      const claimed = await queue.claimStale(atOnce, clock.now(), 1_000);
      await allOf(claimed.map(rereadOne));
      return claimed.length === atOnce;
    },
  };
}

/** Waits for all of them, and then throws the first fault. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const fault = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (fault?.status === 'rejected') throw fault.reason;
}
