import type { FastifyRequest } from 'fastify';
import type { App } from '../lib/app.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import { actOf, createPlacing, createVisible, type OrderParts, unknownOrder } from './order-requests.ts';
import type { Order } from './orders.ts';
import { BookSchema, ChangeBookingSchema, OrderParams, OrderSchema } from './schemas.ts';

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
const params = OrderParams;

/** Registers `/bookings/*`: rides at a time to come. They are orders in all else. */
export function registerBookingRoutes(app: App, parts: OrderParts): void {
  const { orders, requireRole } = parts;
  const place = createPlacing(parts);
  const visible = createVisible(parts);
  const guard = requireRole('customer', 'manager');

  async function booking(request: FastifyRequest, id: string): Promise<Order> {
    const order = await visible(request, id);
    if (order.kind !== 'ride' || order.scheduledAt === undefined) throw unknownOrder();
    return order;
  }

  function assertAhead(scheduledAt: string): void {
    if (Date.parse(scheduledAt) > parts.clock.now()) return;
    throw new Problem('BODY_INVALID', 'scheduledAt is in the past; send a time to come.', {
      field: 'scheduledAt',
    });
  }

  app.post(
    '/bookings',
    {
      schema: { summary: 'Book a ride', body: BookSchema, response: { 201: OrderSchema, ...problems } },
      preValidation: guard,
    },
    async (request, reply) => {
      assertAhead(request.body.scheduledAt);
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
      const { scheduledAt } = request.body;
      if (scheduledAt !== undefined) assertAhead(scheduledAt);
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
