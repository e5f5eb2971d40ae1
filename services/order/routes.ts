import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { isOfOrg, principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { answerOnce } from '../lib/idempotency.ts';
import type { Principal } from '../lib/principal.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { OrderFiles } from './order-files.ts';
import { nextStates } from './order-states.ts';
import type { Act, NewOrder, Order, Orders, Owner } from './orders.ts';
import {
  AssignSchema,
  BookSchema,
  ChangeBookingSchema,
  ChangeStatusSchema,
  FileSchema,
  ListQuery,
  NewFileSchema,
  OrderEventSchema,
  OrderListSchema,
  OrderParams,
  OrderSchema,
  PlaceOrderSchema,
  StatusSchema,
} from './schemas.ts';

export interface OrderParts {
  orders: Orders;
  files: OrderFiles;
  database: Database;
  requireRole: RequireRole;
  clock: Clock;
  random: () => number;
  /** The order by id, from the cache while it is hot. */
  read: (id: string) => Promise<Order | undefined>;
  /** Called when something was written to the outbox. */
  told: () => void;
}

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
const params = OrderParams;

/** Registers `/orders/*`. */
export function registerOrderRoutes(app: App, parts: OrderParts): void {
  const { orders, files, requireRole } = parts;
  const place = createPlacing(parts);
  const visible = createVisible(parts);

  app.post(
    '/orders',
    {
      schema: {
        summary: 'Place an order',
        body: PlaceOrderSchema,
        response: { 201: OrderSchema, ...problems },
      },
      preValidation: requireRole('customer', 'manager'),
    },
    async (request, reply) => {
      const { kind = 'delivery', ...body } = request.body;
      return place(request, reply, 'POST /orders', { ...body, kind });
    },
  );

  app.get(
    '/orders',
    {
      schema: {
        summary: 'List orders',
        querystring: ListQuery,
        response: { 200: OrderListSchema, ...problems },
      },
      preValidation: requireRole(),
    },
    async (request) => {
      const { after, limit = '50', status } = request.query;
      const page = { after, limit: Number(limit), status };
      const items = await orders.list(ownerFor(principalOf(request)), page);
      return { items, ...(items.length === page.limit && { next: items.at(-1)?.id }) };
    },
  );

  app.get(
    '/orders/:id',
    {
      schema: { summary: 'Read an order', params, response: { 200: OrderSchema, ...problems } },
      preValidation: requireRole(),
    },
    async (request) => visible(request, request.params.id),
  );

  app.get(
    '/orders/:id/status',
    {
      schema: { summary: 'Where an order is', params, response: { 200: StatusSchema, ...problems } },
      preValidation: requireRole(),
    },
    async (request) => statusOf(await visible(request, request.params.id)),
  );

  app.patch(
    '/orders/:id/status',
    {
      schema: {
        summary: 'Move an order on',
        params,
        body: ChangeStatusSchema,
        response: { 200: StatusSchema, ...problems },
      },
      preValidation: requireRole('driver', 'manager'),
    },
    async (request) => {
      const { status, version, reason } = request.body;
      await visible(request, request.params.id);
      if (status === 'assigned') {
        throw new Problem('STATE_CONFLICT', 'An order is assigned by PUT /orders/:id/assignment.');
      }
      return statusOf(await orders.step(request.params.id, { to: status, version, reason }, actOf(request)));
    },
  );

  app.get(
    '/orders/:id/events',
    {
      schema: {
        summary: 'What happened to an order',
        params,
        response: { 200: Type.Object({ items: Type.Array(OrderEventSchema) }), ...problems },
      },
      preValidation: requireRole(),
    },
    async (request) => {
      await visible(request, request.params.id);
      return { items: await orders.history(request.params.id) };
    },
  );

  app.put(
    '/orders/:id/assignment',
    {
      schema: {
        summary: 'Give an order to a driver',
        description:
          'Needs `If-Match` with the version the choice was made on; 409 when it has changed since.',
        params,
        body: AssignSchema,
        response: { 200: OrderSchema, ...problems },
      },
      preValidation: requireRole('service', 'manager'),
    },
    async (request) => {
      const principal = principalOf(request);
      if (principal.role === 'manager' && !principal.permissions.includes('dispatch')) {
        throw new Problem('ACCESS_DENIED', 'A manager needs the permission `dispatch` for this.');
      }
      const version = versionOf(request);
      await visible(request, request.params.id);
      const { driverId } = request.body;
      return orders.step(request.params.id, { to: 'assigned', version, driverId }, actOf(request));
    },
  );

  app.post(
    '/orders/:id/files',
    {
      schema: {
        summary: 'Add a photograph or receipt',
        params,
        body: NewFileSchema,
        response: { 201: FileSchema, ...problems },
      },
      preValidation: requireRole('customer', 'driver', 'manager'),
    },
    async (request, reply) => {
      const { id } = await visible(request, request.params.id);
      const file = await files.add(id, { ...request.body, by: principalOf(request).id });
      return reply.code(201).send(file);
    },
  );

  app.get(
    '/orders/:id/files',
    {
      schema: {
        summary: 'The files of an order',
        params,
        response: { 200: Type.Object({ items: Type.Array(FileSchema) }), ...problems },
      },
      preValidation: requireRole(),
    },
    async (request) => {
      const { id } = await visible(request, request.params.id);
      return { items: await files.list(id) };
    },
  );
}

/** Registers `/bookings/*`: rides at a time to come. They are orders in all else. */
export function registerBookingRoutes(app: App, parts: OrderParts): void {
  const { orders, requireRole } = parts;
  const place = createPlacing(parts);
  const visible = createVisible(parts);
  const guard = requireRole('customer', 'manager');

  async function booking(request: FastifyRequest, id: string): Promise<Order> {
    const order = await visible(request, id);
    if (order.kind !== 'ride' || order.scheduledAt === undefined) throw unknown();
    return order;
  }

  app.post(
    '/bookings',
    {
      schema: { summary: 'Book a ride', body: BookSchema, response: { 201: OrderSchema, ...problems } },
      preValidation: guard,
    },
    async (request, reply) => {
      if (Date.parse(request.body.scheduledAt) <= parts.clock.now()) {
        throw new Problem('BODY_INVALID', 'scheduledAt is in the past.', { field: 'scheduledAt' });
      }
      return place(request, reply, 'POST /bookings', { ...request.body, kind: 'ride' });
    },
  );

  app.get(
    '/bookings/:id',
    {
      schema: { summary: 'Read a booking', params, response: { 200: OrderSchema, ...problems } },
      preValidation: guard,
    },
    async (request) => booking(request, request.params.id),
  );

  app.patch(
    '/bookings/:id',
    {
      schema: {
        summary: 'Change a booking',
        params,
        body: ChangeBookingSchema,
        response: { 200: OrderSchema, ...problems },
      },
      preValidation: guard,
    },
    async (request) => {
      const { id } = await booking(request, request.params.id);
      return orders.rebook(id, request.body, actOf(request));
    },
  );

  app.delete(
    '/bookings/:id',
    {
      schema: { summary: 'Cancel a booking', params, response: { 200: OrderSchema, ...problems } },
      preValidation: guard,
    },
    async (request) => {
      const { id } = await booking(request, request.params.id);
      return orders.step(id, { to: 'cancelled', reason: 'cancelled by the customer' }, actOf(request));
    },
  );
}

type Placing = Omit<NewOrder, 'id' | 'org' | 'customerId' | 'priority' | 'demand'> &
  Pick<Static<typeof PlaceOrderSchema>, 'customerId' | 'priority' | 'demand'>;

/** Places an order once for its `Idempotency-Key`, where there is one. */
function createPlacing({ orders, database, clock, random, told }: OrderParts) {
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    route: string,
    body: Placing,
  ): Promise<void> => {
    const principal = principalOf(request);
    if (body.customerId !== undefined && principal.role !== 'manager') {
      throw new Problem('ACCESS_DENIED', 'Only a manager orders for somebody else.', { field: 'customerId' });
    }
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
      const key = request.headers['idempotency-key'];
      if (typeof key !== 'string') return { ...(await create()), replayed: false };
      return answerOnce(transaction, { key, scope: `${principal.id} ${route}`, body }, create);
    });
    told();
    if (answer.replayed) reply.header('idempotency-replayed', 'true');
    return reply.code(answer.status).send(answer.body);
  };
}

/** Reads an order for whom it concerns: its customer, its driver, a manager of its organisation, a service. */
function createVisible({ read }: OrderParts) {
  return async (request: FastifyRequest, id: string): Promise<Order> => {
    const order = await read(id);
    if (!order || !concerns(order, principalOf(request))) throw unknown();
    return order;
  };
}

function concerns(order: Order, principal: Principal): boolean {
  if (!isOfOrg(principal, order.org)) return false;
  if (principal.role === 'customer') return order.customerId === principal.id;
  if (principal.role === 'driver') return order.driverId === principal.id;
  return true;
}

function ownerFor({ role, id, org }: Principal): Owner {
  if (role === 'customer') return { customerId: id };
  return role === 'driver' ? { driverId: id } : { org };
}

function unknown(): Problem {
  return new Problem('RESOURCE_UNKNOWN', 'There is no such order.');
}

function statusOf({ id, status, version }: Order) {
  return { id, status, version, next: [...nextStates(status)] };
}

function actOf(request: FastifyRequest): Act {
  const { traceparent } = request.headers;
  const trace = typeof traceparent === 'string' ? traceparent : undefined;
  return { actor: principalOf(request).id, trace };
}

function versionOf(request: FastifyRequest): number {
  const found = /^"?(\d{1,9})"?$/.exec(request.headers['if-match'] ?? '')?.[1];
  if (found === undefined) {
    throw new Problem('REQUEST_INVALID', 'Send If-Match: "<version of the order>".', { field: 'if-match' });
  }
  return Number(found);
}
