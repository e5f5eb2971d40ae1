import type { FastifyRequest } from 'fastify';
import { principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import type { Clock } from '../lib/clock.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import { type Matcher, windowSize } from './matcher.ts';
import type { Offers } from './offers.ts';
import type { OrderQueue } from './order-queue.ts';
import type { Overrides } from './overrides.ts';
import type { QueueView } from './queue-view.ts';
import {
  AssignSchema,
  IdParams,
  OfferSchema,
  PreviewAnswerSchema,
  PreviewSchema,
  QueueQuery,
  QueueSchema,
  StrategiesSchema,
} from './schemas.ts';
import type { Strategy } from './strategies/strategies.ts';

export interface DispatchParts {
  queue: OrderQueue;
  view: QueueView;
  offers: Offers;
  overrides: Overrides;
  matcher: Matcher;
  strategies: readonly Strategy[];
  /** The one that is used. */
  strategy: Strategy;
  assignment: 'auto' | 'offer';
  costs: 'metres' | 'seconds';
  clock: Pick<Clock, 'now'>;
  requireRole: RequireRole;
  /** Called when there is something to write to order, or an order waits again. */
  wake: () => void;
}

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
const params = IdParams;

/** Registers `/dispatch/*`. */
export function registerDispatchRoutes(app: App, parts: DispatchParts): void {
  registerManagerRoutes(app, parts);
  registerOfferRoutes(app, parts);
}

function registerManagerRoutes(app: App, parts: DispatchParts): void {
  const { queue, view, overrides, matcher, strategies, strategy, assignment, costs, clock, wake } = parts;
  const preValidation = parts.requireRole('manager');

  app.get(
    '/dispatch/queue',
    {
      schema: {
        summary: 'The orders that wait for a driver',
        querystring: QueueQuery,
        response: { 200: QueueSchema, ...problems },
      },
      preValidation,
    },
    async (request) => {
      const { org } = principalOf(request);
      const { limit = '50' } = request.query;
      const [depth, items] = await Promise.all([
        queue.depth(clock.now(), org),
        view.list(org, Number(limit)),
      ]);
      return { depth, items };
    },
  );

  app.get(
    '/dispatch/strategies',
    {
      schema: { summary: 'How drivers can be chosen', response: { 200: StrategiesSchema, ...problems } },
      preValidation,
    },
    async () => ({
      items: strategies.map(({ name, description }) => ({
        name,
        description,
        isActive: name === strategy.name,
      })),
      assignment,
      costs,
    }),
  );

  app.post(
    '/dispatch/preview',
    {
      schema: {
        summary: 'What a strategy would choose now',
        description: 'Nothing is written, promised or told.',
        body: PreviewSchema,
        response: { 200: PreviewAnswerSchema, ...problems },
      },
      preValidation,
    },
    async (request) => {
      const { org } = principalOf(request);
      const { orderIds, strategy: name = strategy.name } = request.body;
      const chosen = strategies.find((one) => one.name === name) ?? strategy;
      const orders = await queue.look(org, orderIds, windowSize, clock.now());
      const { matches, unassigned } = await matcher.match(org, orders, chosen);
      return { strategy: chosen.name, matches: [...matches], unassigned: [...unassigned] };
    },
  );

  app.post(
    '/dispatch/orders/:id/assign',
    {
      schema: {
        summary: 'Give an order to a driver of your choice',
        description: 'Takes it from the driver it is offered to, if any; skills and room are not asked for.',
        params,
        body: AssignSchema,
        response: { 202: OfferSchema, ...problems },
      },
      preValidation,
    },
    async (request, reply) => {
      const manager = dispatcherOf(request);
      const offer = await overrides.assign(manager, request.params.id, request.body.driverId);
      wake();
      return reply.code(202).send(offer);
    },
  );
}

function registerOfferRoutes(app: App, { offers, clock, requireRole, wake }: DispatchParts): void {
  const decisions = [
    { verb: 'accept', to: 'accepted', summary: 'Take an offer' },
    { verb: 'decline', to: 'declined', summary: 'Turn an offer down' },
  ] as const;
  for (const { verb, to, summary } of decisions) {
    app.post(
      `/dispatch/offers/:id/${verb}`,
      {
        schema: {
          summary,
          description: 'Saying the same again changes nothing; 409 once the offer has ended.',
          params,
          response: { 200: OfferSchema, ...problems },
        },
        preValidation: requireRole('driver'),
      },
      async (request) => {
        const offer = await offers.decide(request.params.id, principalOf(request).id, to, clock.now());
        wake();
        return offer;
      },
    );
  }
}

function dispatcherOf(request: FastifyRequest): { id: string; org: string } {
  const { id, org, permissions } = principalOf(request);
  if (!permissions.includes('dispatch')) {
    throw new Problem('ACCESS_DENIED', 'A manager needs the permission `dispatch` for this.');
  }
  return { id, org };
}
