import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { isOfOrg, principalOf, type RequireRole } from '../lib/access.ts';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { answerOnce, idempotencyKeyOf } from '../lib/idempotency.ts';
import type { Principal } from '../lib/principal.ts';
import { Problem } from '../lib/problem.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { OrderFiles } from './order-files.ts';
import type { Act, NewOrder, Order, Orders } from './orders.ts';
import type { References } from './references.ts';
import type { PlaceOrderSchema } from './schemas.ts';

/** What the routes of orders and bookings are made of. */
export interface OrderParts {
  orders: Orders;
  files: OrderFiles;
  references: References;
  database: Database;
  requireRole: RequireRole;
  clock: Clock;
  random: () => number;
  /** The order by id, from the cache while it is hot. */
  read: (id: string) => Promise<Order | undefined>;
  /** Called when something was written to the outbox. */
  told: () => void;
}

type Placing = Omit<NewOrder, 'id' | 'org' | 'customerId' | 'priority' | 'demand'> &
  Pick<Static<typeof PlaceOrderSchema>, 'customerId' | 'priority' | 'demand'>;

/** Places an order once for its `Idempotency-Key`, where there is one. */
export function createPlacing({ orders, references, database, clock, random, told }: OrderParts) {
  /** A customer of whom order has not heard yet is taken: their account may be a moment old. */
  async function assertMayOrderFor(customerId: string, { role, org }: Principal): Promise<void> {
    const field = 'customerId';
    if (role !== 'manager') {
      throw new Problem('ACCESS_DENIED', 'Only a manager orders for somebody else.', { field });
    }
    const theirs = await references.orgOfUser(customerId);
    if (theirs !== undefined && theirs !== org) {
      throw new Problem('RESOURCE_UNKNOWN', 'There is no such customer.', { field });
    }
  }

  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    route: string,
    body: Placing,
  ): Promise<void> => {
    const principal = principalOf(request);
    if (body.customerId !== undefined) await assertMayOrderFor(body.customerId, principal);
    const key = idempotencyKeyOf(request);
    const { customerId = principal.id, priority = 0, demand = {}, ...rest } = body;
    const answer = await database.transaction(async (transaction) => {
      const create = async () => {
        const order: NewOrder = {
          ...rest,
          id: uuidV7(clock.now(), random),
          org: principal.org,
          customerId,
          priority,
          demand,
        };
        return { status: 201, body: await orders.add(transaction, order, actOf(request)) };
      };
      return answerOnce(transaction, { key, scope: `${principal.id} ${route}`, body }, create);
    });
    told();
    if (answer.replayed) reply.header('idempotency-replayed', 'true');
    return reply.code(answer.status).send(answer.body);
  };
}

/** Reads an order for whom it concerns: its customer, its driver, a manager of its organisation, a service. */
export function createVisible({ read }: OrderParts) {
  return async (request: FastifyRequest, id: string): Promise<Order> => {
    const order = await read(id);
    if (!order || !concerns(order, principalOf(request))) throw unknownOrder();
    return order;
  };
}

function concerns(order: Order, principal: Principal): boolean {
  if (!isOfOrg(principal, order.org)) return false;
  if (principal.role === 'customer') return order.customerId === principal.id;
  if (principal.role === 'driver') return order.driverId === principal.id;
  return true;
}

/** The answer for an order that is not there, or not for who asks. */
export function unknownOrder(): Problem {
  return new Problem('RESOURCE_UNKNOWN', 'There is no such order.');
}

/** Who changes an order, and within which trace. */
export function actOf(request: FastifyRequest): Act {
  const { traceparent } = request.headers;
  const trace = typeof traceparent === 'string' ? traceparent : undefined;
  return { actor: principalOf(request).id, trace };
}
