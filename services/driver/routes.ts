import type { FastifyRequest } from 'fastify';
import { isOfOrg, principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import type { Database } from '../lib/database.ts';
import { answerOnce, idempotencyKeyOf } from '../lib/idempotency.ts';
import type { Locations } from '../lib/locations.ts';
import { PingSchema } from '../lib/ping.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import type { Act, Driver, Drivers } from './drivers.ts';
import {
  AvailabilitySchema,
  ChangeAvailabilitySchema,
  ChangeDriverSchema,
  DriverListSchema,
  DriverParams,
  DriverSchema,
  ListQuery,
  NewDriverSchema,
  PingAnswerSchema,
} from './schemas.ts';

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
const params = DriverParams;

/** Registers `/drivers/*`. */
export function registerDriverRoutes(
  app: App,
  parts: {
    drivers: Drivers;
    locations: Locations;
    database: Database;
    requireRole: RequireRole;
    /** Called when something was written to the outbox. */
    told: () => void;
  },
): void {
  const { drivers, locations, database, requireRole, told } = parts;

  /** A driver, for themselves and for managers of their organisation; otherwise as if there were none. */
  async function visible(request: FastifyRequest, id: string): Promise<Driver> {
    const principal = principalOf(request);
    const driver = await drivers.find(id);
    const isOwn = principal.id === id;
    const isTheirs =
      driver && isOfOrg(principal, driver.org) && ['manager', 'service'].includes(principal.role);
    if (!driver || !(isOwn || isTheirs)) throw new Problem('RESOURCE_UNKNOWN', 'There is no such driver.');
    return driver;
  }

  app.post(
    '/drivers',
    {
      schema: {
        summary: 'Make an account a driver',
        description: 'Answered once for its `Idempotency-Key`.',
        body: NewDriverSchema,
        response: { 201: DriverSchema, ...problems },
      },
      preValidation: requireRole('manager'),
    },
    async (request, reply) => {
      const { id: by, org } = principalOf(request);
      const { body } = request;
      const keyed = { key: idempotencyKeyOf(request), scope: `${by} POST /drivers`, body };
      const answer = await database.transaction((transaction) =>
        answerOnce(transaction, keyed, async () => ({
          status: 201,
          body: await drivers.add(transaction, org, body, actOf(request)),
        })),
      );
      told();
      if (answer.replayed) reply.header('idempotency-replayed', 'true');
      return reply.code(201).send(answer.body as Driver);
    },
  );

  app.get(
    '/drivers',
    {
      schema: {
        summary: 'List drivers',
        querystring: ListQuery,
        response: { 200: DriverListSchema, ...problems },
      },
      preValidation: requireRole('manager'),
    },
    async (request) => {
      const { after, limit = '50', status } = request.query;
      const items = await drivers.list(principalOf(request).org, { after, limit: Number(limit), status });
      return { items, ...(items.length === Number(limit) && { next: items.at(-1)?.id }) };
    },
  );

  app.get(
    '/drivers/:id',
    {
      schema: { summary: 'Read a driver', params, response: { 200: DriverSchema, ...problems } },
      preValidation: requireRole('driver', 'manager', 'service'),
    },
    async (request) => visible(request, request.params.id),
  );

  app.patch(
    '/drivers/:id',
    {
      schema: {
        summary: 'Change a driver',
        params,
        body: ChangeDriverSchema,
        response: { 200: DriverSchema, ...problems },
      },
      preValidation: requireRole('driver', 'manager'),
    },
    async (request) => {
      const { id } = await visible(request, request.params.id);
      return drivers.change(id, request.body, actOf(request));
    },
  );

  app.get(
    '/drivers/:id/availability',
    {
      schema: { summary: 'When a driver works', params, response: { 200: AvailabilitySchema, ...problems } },
      preValidation: requireRole('driver', 'manager', 'service'),
    },
    async (request) => drivers.availability(await visible(request, request.params.id)),
  );

  app.put(
    '/drivers/:id/availability',
    {
      schema: {
        summary: 'Say when a driver works, and whether now',
        params,
        body: ChangeAvailabilitySchema,
        response: { 200: AvailabilitySchema, ...problems },
      },
      preValidation: requireRole('driver', 'manager'),
    },
    async (request) => {
      const { id } = await visible(request, request.params.id);
      return drivers.availability(await drivers.setAvailability(id, request.body, actOf(request)));
    },
  );

  app.post(
    '/drivers/:id/location',
    {
      schema: {
        summary: 'Report a position',
        description: 'Always 202: an unfit position is left out, and sending it again would not help.',
        params,
        body: PingSchema,
        response: { 202: PingAnswerSchema, ...problems },
      },
      preValidation: requireRole('driver'),
    },
    async (request, reply) => {
      const { id } = request.params;
      if (principalOf(request).id !== id) throw new Problem('RESOURCE_UNKNOWN', 'There is no such driver.');
      const result = await locations.report({ id, org: principalOf(request).org }, request.body);
      return reply.code(202).send({ result });
    },
  );

  app.get(
    '/drivers/:id/location',
    {
      schema: { summary: 'Where a driver is', params, response: { 200: PingSchema, ...problems } },
      preValidation: requireRole('driver', 'manager', 'service'),
    },
    async (request) => {
      const { id } = await visible(request, request.params.id);
      const ping = await locations.find(id);
      if (!ping) throw new Problem('RESOURCE_UNKNOWN', 'The driver has not reported a position lately.');
      return ping;
    },
  );
}

function actOf(request: FastifyRequest): Act {
  const { traceparent } = request.headers;
  return { actor: principalOf(request).id, trace: typeof traceparent === 'string' ? traceparent : undefined };
}
