import type { Transaction } from '../lib/database.ts';
import { type Statement, sql } from '../lib/sql.ts';
import type { Offer } from './offers.ts';

/** A row of `offers`, by the columns below. */
export interface OfferRow {
  id: string;
  order_id: string;
  org_id: string;
  driver_id: string;
  state: Offer['state'];
  expires_at: Date;
  distance_metres: number;
  cost: number;
  strategy: string;
}

export const offerColumns: Statement = sql`offers.id, order_id, offers.org_id, offers.driver_id, offers.state, expires_at,
  distance_metres, cost, strategy`;

/** What is decided about an offer on its order. */
export interface LockedOrder {
  org_id: string;
  state: string;
  version: number;
  trace: string | null;
}

/** Keeps everybody else off an order and its offers until the transaction ends. */
export async function lockOrder(transaction: Transaction, id: string): Promise<LockedOrder | undefined> {
  const [row] = await transaction.query<LockedOrder>(
    'order_lock',
    sql`select org_id, state, version, trace from order_ref where id = ${id} for update`,
  );
  return row;
}

/** Brings an offer from one of some states to another; `undefined` when it is in none of them. */
export async function setState(
  transaction: Transaction,
  id: string,
  from: Offer['state'][],
  to: Offer['state'],
  now: number,
): Promise<Offer | undefined> {
  const [row] = await transaction.query<OfferRow>(
    'offer_state',
    sql`update offers set state = ${to}, decided_at = ${new Date(now)} where id = ${id} and state = any(${from})
      returning ${offerColumns}`,
  );
  return row && toOffer(row);
}

export function toOffer(row: OfferRow): Offer {
  return {
    id: row.id,
    orderId: row.order_id,
    driverId: row.driver_id,
    state: row.state,
    expiresAt: row.expires_at.toISOString(),
    distanceMeters: row.distance_metres,
    cost: row.cost,
    strategy: row.strategy,
  };
}
