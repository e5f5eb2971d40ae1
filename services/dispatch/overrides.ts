import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { Problem } from '../lib/problem.ts';
import { sql } from '../lib/sql.ts';
import type { DriverPositions } from './driver-positions.ts';
import type { Offer, Offers } from './offers.ts';
import { metresBetween, type Position } from './position.ts';
import type { Roster } from './roster.ts';

/** What a manager decides instead of a strategy. */
export interface Overrides {
  /**
   * Gives an order that waits, or is offered to somebody else, to a driver. Throws `RESOURCE_UNKNOWN` for an order or
   * driver that is not the organisation's, `STATE_CONFLICT` for an order that has a driver or a driver who has an order.
   */
  assign(manager: { id: string; org: string }, orderId: string, driverId: string): Promise<Offer>;
}

interface OrderRow {
  org_id: string;
  state: string;
  pickup: Position | null;
}

export function createOverrides(deps: {
  database: Database;
  offers: Offers;
  roster: Roster;
  positions: DriverPositions;
  clock: Pick<Clock, 'now'>;
}): Overrides {
  const { database, offers, roster, positions, clock } = deps;

  /** Takes the order back from whom it is offered to; one that is being written to order is left to that. */
  async function free(orderId: string): Promise<number | undefined> {
    const now = clock.now();
    return database.transaction(async (transaction) => {
      await offers.takeBack(transaction, orderId, now);
      const [row] = await transaction.query<{ version: number }>(
        'order_version',
        sql`select version from order_ref where id = ${orderId} and state = 'waiting'`,
      );
      return row?.version;
    });
  }

  return {
    async assign(manager, orderId, driverId) {
      const [order] = await database.query<OrderRow>(
        'order_find',
        sql`select org_id, state, pickup from order_ref where id = ${orderId}`,
      );
      const driver = await roster.find(driverId);
      if (order?.org_id !== manager.org) throw new Problem('RESOURCE_UNKNOWN', 'There is no such order.');
      if (driver?.org !== manager.org) {
        throw new Problem('RESOURCE_UNKNOWN', 'There is no such driver.', { field: 'driverId' });
      }
      if (driver.status !== 'available') {
        throw new Problem('STATE_CONFLICT', `The driver is ${driver.status}.`, { field: 'driverId' });
      }
      const position = positions.find(driverId);
      const distanceMeters = position && order.pickup ? Math.round(metresBetween(order.pickup, position)) : 0;
      const version = await free(orderId);
      const offer =
        version === undefined
          ? undefined
          : await offers.propose(
              {
                orderId,
                version,
                driverId,
                distanceMeters,
                cost: distanceMeters,
                strategy: 'manual',
                by: manager.id,
                state: 'accepted',
              },
              clock.now(),
            );
      if (!offer) throw new Problem('STATE_CONFLICT', 'The order has a driver, or the driver has an order.');
      return offer;
    },
  };
}
