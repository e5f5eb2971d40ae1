import type { Static } from 'typebox';
import type { Database, Transaction } from '../lib/database.ts';
import { type EventMaker, tell } from '../lib/outbox.ts';
import { Problem } from '../lib/problem.ts';
import { sql } from '../lib/sql.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { Notices } from './notices.ts';
import {
  offerColumns as columns,
  type LockedOrder,
  lockOrder,
  type OfferRow,
  setState,
  toOffer,
} from './offer-rows.ts';
import type { OfferSchema, UnassignedReason } from './schemas.ts';

export type Offer = Static<typeof OfferSchema>;

/** A choice, by a strategy or a manager, made on a version of the order. */
export interface Proposal {
  readonly orderId: string;
  readonly version: number;
  readonly driverId: string;
  readonly distanceMeters: number;
  readonly cost: number;
  readonly strategy: string;
  /** The manager who chose, or this service. */
  readonly by: string;
  /** `open` asks the driver, `accepted` does not. */
  readonly state: 'open' | 'accepted';
}

/** An accepted offer that an instance has claimed for a while, to write it to order. */
export interface AcceptedOffer extends Offer {
  readonly version: number;
  readonly attempts: number;
  readonly trace?: string | undefined;
}

/**
 * The offers in PostgreSQL. At most one of an order and one of a driver is open, accepted or assigned, by unique indices;
 * whoever changes one locks its order first.
 */
export interface Offers {
  find(id: string): Promise<Offer | undefined>;
  /** Makes an offer; `undefined` when the order has changed, or order or driver were taken meanwhile. */
  propose(proposal: Proposal, now: number): Promise<Offer | undefined>;
  /** The driver's answer. Throws `RESOURCE_UNKNOWN`, or `STATE_CONFLICT` for an offer that is no longer open. */
  decide(id: string, driverId: string, to: 'accepted' | 'declined', now: number): Promise<Offer>;
  /** Ends up to 100 offers that nobody answered in time; gives their number. */
  expire(now: number): Promise<number>;
  /** Ends what was offered, for an event about the order or the driver; the order waits again if it had to. */
  withdraw(
    transaction: Transaction,
    of: { orderId: string } | { openOf: string },
    why: UnassignedReason,
    now: number,
  ): Promise<void>;
  /** Ends what is offered of an order and nobody has accepted; the order waits again. */
  takeBack(transaction: Transaction, orderId: string, now: number): Promise<void>;
  /** Takes up to `limit` that are to be written to order. */
  claimAccepted(limit: number, now: number, leaseMs: number): Promise<AcceptedOffer[]>;
  /** Order has it: the offer of this driver is assigned and the driver told. Any other one of the order is withdrawn. */
  settle(transaction: Transaction, orderId: string, driverId: string, now: number): Promise<void>;
  /** Order says that it has changed: the offer ends, and the order is read again. */
  giveUp(offer: Pick<Offer, 'id' | 'orderId'>, now: number): Promise<void>;
}

export function createOffers(deps: {
  database: Database;
  event: EventMaker;
  notices: Notices;
  random: () => number;
  offerMs: number;
  /** Told of each offer made, answered or ended: a hint for who watches, not the record. */
  onChange: (offer: Offer) => void;
  onUnassigned: (reason: UnassignedReason) => void;
}): Offers {
  const { database, event, notices, random, offerMs, onChange, onUnassigned } = deps;

  async function letWait(
    transaction: Transaction,
    id: string,
    reason: UnassignedReason,
    now: number,
  ): Promise<void> {
    await transaction.query(
      'order_let_wait',
      sql`update order_ref set state = 'waiting', reason = ${reason}, next_at = ${new Date(now)}
        where id = ${id} and state = 'proposed'`,
    );
    onUnassigned(reason);
  }

  async function end(
    offer: { id: string; orderId: string },
    to: 'declined' | 'expired',
    now: number,
  ): Promise<Offer | undefined> {
    const ended = await database.transaction(async (transaction) => {
      await lockOrder(transaction, offer.orderId);
      const changed = await setState(transaction, offer.id, ['open'], to, now);
      if (changed) await letWait(transaction, offer.orderId, to, now);
      return changed;
    });
    if (ended) onChange(ended);
    return ended;
  }

  async function insert(transaction: Transaction, order: LockedOrder, proposal: Proposal, now: number) {
    const { orderId, driverId, distanceMeters, cost, strategy, by, state } = proposal;
    const [row] = await transaction.query<OfferRow>(
      'offer_add',
      sql`insert into offers (id, order_id, org_id, driver_id, state, expires_at, distance_metres, cost, strategy, by,
          next_at, created_at)
        select ${uuidV7(now, random)}::uuid, ${orderId}::uuid, ${order.org_id}, id, ${state}, ${new Date(now + offerMs)}::timestamptz,
          ${distanceMeters}::int, ${cost}::float8, ${strategy}, ${by}, ${new Date(now)}::timestamptz, ${new Date(now)}::timestamptz
        from driver_ref where id = ${driverId} and status = 'available'
        on conflict do nothing returning ${columns}`,
    );
    return row && toOffer(row);
  }

  async function find(id: string): Promise<Offer | undefined> {
    const [row] = await database.read<OfferRow>(
      'offer_find',
      sql`select ${columns} from offers where id = ${id}`,
    );
    return row && toOffer(row);
  }

  return {
    find,
    async propose(proposal, now) {
      const made = await database.transaction(async (transaction) => {
        const order = await lockOrder(transaction, proposal.orderId);
        if (order?.state !== 'waiting' || order.version !== proposal.version) return undefined;
        const offer = await insert(transaction, order, proposal, now);
        if (!offer) return undefined;
        await transaction.query(
          'order_proposed',
          sql`update order_ref set state = 'proposed', reason = null where id = ${offer.orderId}`,
        );
        const { id: offerId, orderId, driverId, expiresAt, distanceMeters, cost, strategy } = offer;
        const data = { offerId, orderId, driverId, expiresAt, distanceMeters, cost, strategy };
        const facts = { subject: 'dispatch.assignment_proposed.v1', org: order.org_id, actor: proposal.by };
        const fact = event({ ...facts, trace: order.trace ?? undefined, data });
        await transaction.query('offer_tell', tell(fact, orderId));
        if (offer.state === 'open') await notices.add(transaction, 'driver_offer', order.org_id, offer);
        return offer;
      });
      if (made) onChange(made);
      return made;
    },
    async decide(id, driverId, to, now) {
      const offer = await find(id);
      if (offer?.driverId !== driverId) throw new Problem('RESOURCE_UNKNOWN', 'There is no such offer.');
      if (offer.state === to) return offer;
      const isLate = Date.parse(offer.expiresAt) <= now;
      const decided = isLate
        ? undefined
        : await (to === 'declined' ? end(offer, to, now) : accept(offer, now));
      if (!decided) throw new Problem('STATE_CONFLICT', 'The offer is no longer open.');
      return decided;
    },
    async expire(now) {
      const late = await database.query<{ id: string; order_id: string }>(
        'offers_late',
        sql`select id, order_id from offers where state = 'open' and expires_at <= ${new Date(now)} limit 100`,
      );
      for (const { id, order_id: orderId } of late) await end({ id, orderId }, 'expired', now);
      return late.length;
    },
    async withdraw(transaction, of, why, now) {
      const isOrder = 'orderId' in of;
      const found = await transaction.query<{ id: string; order_id: string }>(
        'offers_active',
        isOrder
          ? sql`select id, order_id from offers where order_id = ${of.orderId} and state in ('open', 'accepted', 'assigned')`
          : sql`select id, order_id from offers where driver_id = ${of.openOf} and state = 'open'`,
      );
      for (const { id, order_id: orderId } of found) {
        await lockOrder(transaction, orderId);
        if (isOrder) await setState(transaction, id, ['assigned'], 'over', now);
        const ended = await setState(
          transaction,
          id,
          isOrder ? ['open', 'accepted'] : ['open'],
          'withdrawn',
          now,
        );
        if (!ended) continue;
        if (!isOrder) await letWait(transaction, orderId, why, now);
        onChange(ended);
      }
    },
    async takeBack(transaction, orderId, now) {
      await lockOrder(transaction, orderId);
      const [open] = await transaction.query<{ id: string }>(
        'offer_open',
        sql`select id from offers where order_id = ${orderId} and state = 'open'`,
      );
      const ended = open && (await setState(transaction, open.id, ['open'], 'withdrawn', now));
      if (!ended) return;
      await letWait(transaction, orderId, 'taken-meanwhile', now);
      onChange(ended);
    },
    async claimAccepted(limit, now, leaseMs) {
      const rows = await database.query<
        OfferRow & { version: number; attempts: number; trace: string | null }
      >(
        'offers_claim',
        sql`update offers set next_at = ${new Date(now + leaseMs)}, attempts = attempts + 1 from order_ref
          where order_ref.id = offers.order_id and offers.id in (
            select id from offers where state = 'accepted' and next_at <= ${new Date(now)}
            order by next_at limit ${limit} for update skip locked)
          returning ${columns}, order_ref.version, attempts, order_ref.trace`,
      );
      return rows.map((row) => ({
        ...toOffer(row),
        version: row.version,
        attempts: row.attempts,
        trace: row.trace ?? undefined,
      }));
    },
    async settle(transaction, orderId, driverId, now) {
      const order = await lockOrder(transaction, orderId);
      const active = await transaction.query<OfferRow>(
        'offers_active',
        sql`select ${columns} from offers where order_id = ${orderId} and state in ('open', 'accepted')`,
      );
      for (const row of active) {
        const isTheirs = row.driver_id === driverId;
        const to = isTheirs ? 'assigned' : 'withdrawn';
        const settled = await setState(transaction, row.id, ['open', 'accepted'], to, now);
        if (!settled || !order) continue;
        if (isTheirs) await notices.add(transaction, 'driver_assigned', order.org_id, settled);
        onChange(settled);
      }
    },
    async giveUp({ id, orderId }, now) {
      await database.transaction(async (transaction) => {
        await lockOrder(transaction, orderId);
        const ended = await setState(transaction, id, ['accepted'], 'withdrawn', now);
        if (!ended) return;
        await letWait(transaction, orderId, 'order-changed', now);
        await transaction.query(
          'order_stale',
          sql`update order_ref set is_stale = true where id = ${orderId}`,
        );
      });
    },
  };

  async function accept(offer: Offer, now: number): Promise<Offer | undefined> {
    const accepted = await database.transaction(async (transaction) => {
      await lockOrder(transaction, offer.orderId);
      return setState(transaction, offer.id, ['open'], 'accepted', now);
    });
    if (accepted) onChange(accepted);
    return accepted;
  }
}
