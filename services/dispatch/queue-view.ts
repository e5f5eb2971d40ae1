import type { Static } from 'typebox';
import type { Database } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';
import type { QueuedOrderSchema, UnassignedReason } from './schemas.ts';

export type QueuedOrder = Static<typeof QueuedOrderSchema>;

/** The queue for people to look at. */
export interface QueueView {
  /** The orders of an organisation that wait or are offered, in the order they are served. */
  list(org: string, limit: number): Promise<QueuedOrder[]>;
}

interface Row {
  id: string;
  state: QueuedOrder['state'];
  priority: number;
  since: Date;
  next_at: Date;
  reason: UnassignedReason | null;
  offer: {
    id: string;
    driver_id: string;
    state: NonNullable<QueuedOrder['offer']>['state'];
    expires_at: string;
    distance_metres: number;
    cost: number;
    strategy: string;
  } | null;
}

export function createQueueView(database: Database): QueueView {
  return {
    async list(org, limit) {
      const rows = await database.read<Row>(
        'queue_list',
        sql`select order_ref.id, order_ref.state, priority, since, order_ref.next_at, reason, to_jsonb(offers) as offer
          from order_ref left join offers on offers.order_id = order_ref.id and offers.state in ('open', 'accepted')
          where order_ref.org_id = ${org} and order_ref.state in ('waiting', 'proposed')
          order by priority desc, since, order_ref.id limit ${limit}`,
      );
      return rows.map(toQueued);
    },
  };
}

function toQueued({ id, state, priority, since, next_at: nextAt, reason, offer }: Row): QueuedOrder {
  return {
    id,
    state,
    priority,
    since: since.toISOString(),
    nextAt: nextAt.toISOString(),
    ...(reason !== null && { reason }),
    ...(offer !== null && {
      offer: {
        id: offer.id,
        orderId: id,
        driverId: offer.driver_id,
        state: offer.state,
        expiresAt: new Date(offer.expires_at).toISOString(),
        distanceMeters: offer.distance_metres,
        cost: offer.cost,
        strategy: offer.strategy,
      },
    }),
  };
}
