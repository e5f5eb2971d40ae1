import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { principalOf } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import { answerOnce, idempotencyKeyOf } from '../lib/idempotency.ts';
import type { Principal } from '../lib/principal.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import type { PlacedFile } from './order-files.ts';
import { actOf, createPlacing, createVisible, type OrderParts } from './order-requests.ts';
import { nextStates } from './order-states.ts';
import type { Order, Owner } from './orders.ts';
import {
  AssignSchema,
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

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
const params = OrderParams;

/** Registers `/orders/*`. */
export function registerOrderRoutes(app: App, parts: OrderParts): void {
  const { orders, files, references, database, requireRole } = parts;
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
      const { role, permissions } = principalOf(request);
      if (role === 'manager' && !permissions.includes('dispatch')) {
        throw new Problem('ACCESS_DENIED', 'A manager needs the permission `dispatch` for this.');
      }
      const version = versionOf(request);
      const { org } = await visible(request, request.params.id);
      const { driverId } = request.body;
      // Dispatch has chosen among the drivers of the organisation.
      if (role === 'manager' && (await references.orgOfDriver(driverId)) !== org) {
        throw new Problem('RESOURCE_UNKNOWN', 'There is no such driver.', { field: 'driverId' });
      }
      return orders.step(request.params.id, { to: 'assigned', version, driverId }, actOf(request));
    },
  );

  app.post(
    '/orders/:id/files',
    {
      schema: {
        summary: 'Add a photograph or receipt',
        description: 'Answered once for its `Idempotency-Key`, with a fresh link each time.',
        params,
        body: NewFileSchema,
        response: { 201: FileSchema, ...problems },
      },
      preValidation: requireRole('customer', 'driver', 'manager'),
    },
    async (request, reply) => {
      const { id } = await visible(request, request.params.id);
      const { id: by } = principalOf(request);
      const keyed = {
        key: idempotencyKeyOf(request),
        scope: `${by} POST /orders/${id}/files`,
        body: request.body,
      };
      // Signed within the transaction: a file that nobody has a link to is none.
      const { file, replayed } = await database.transaction(async (transaction) => {
        const create = async () => ({
          status: 201,
          body: await files.add(transaction, id, { ...request.body, by }),
        });
        const answer = await answerOnce(transaction, keyed, create);
        const placed = answer.body as PlacedFile;
        const url = await files.linkToPut(placed, request.body.mediaType);
        return { file: { ...request.body, id: placed.id, url }, replayed: answer.replayed };
      });
      if (replayed) reply.header('idempotency-replayed', 'true');
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

function ownerFor({ role, id, org }: Principal): Owner {
  if (role === 'customer') return { customerId: id };
  return role === 'driver' ? { driverId: id } : { org };
}

function statusOf({ id, status, version }: Order) {
  return { id, status, version, next: [...nextStates(status)] };
}

function versionOf(request: FastifyRequest): number {
  const found = /^"?(\d{1,9})"?$/.exec(request.headers['if-match'] ?? '')?.[1];
  if (found === undefined) {
    throw new Problem('REQUEST_INVALID', 'Send If-Match: "<version of the order>".', { field: 'if-match' });
  }
  return Number(found);
}
