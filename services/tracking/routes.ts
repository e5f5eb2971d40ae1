import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { isOfOrg, keysOf, principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { answerOnce, idempotencyKeyOf } from '../lib/idempotency.ts';
import type { Locations } from '../lib/locations.ts';
import type { Principal } from '../lib/principal.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import type { SecretSource } from '../lib/secret.ts';
import { recogniseSocket } from '../lib/sockets.ts';
import { EventStreamAnswer } from '../lib/sse.ts';
import type { TokenVerifier } from '../lib/tokens.ts';
import type { DriverSockets } from './driver-sockets.ts';
import type { Partitions } from './partitions.ts';
import type { PingIntake } from './ping-intake.ts';
import {
  OrderParams,
  PingBatchAnswerSchema,
  PingBatchSchema,
  ReportedSchema,
  ReportSchema,
  ShareAnswerSchema,
  ShareSchema,
  TimelineSchema,
  TokenQuery,
} from './schemas.ts';
import { type Growth, isCarried, type Timeline, type TrackedOrder, unknownOrder } from './timeline.ts';
import type { TimelineStreams, View } from './timeline-streams.ts';
import { signTrackGrant, tryReadTrackGrant } from './track-token.ts';

export interface ReportParts {
  timeline: Timeline;
  sockets: DriverSockets;
  intake: PingIntake;
  partitions: Partitions;
  database: Database;
  tokens: TokenVerifier;
  requireRole: RequireRole;
  clock: Clock;
  /** Called after an order's timeline has grown. */
  onGrowth: (growth: Growth) => void;
}

export interface TimelineParts {
  timeline: Timeline;
  streams: TimelineStreams;
  locations: Locations;
  serviceKey: SecretSource;
  requireRole: RequireRole;
  clock: Clock;
}

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
const params = OrderParams;
const dayMs = 24 * 60 * 60 * 1000;

/** Registers what drivers report: positions over HTTP and WebSocket, and how far they are. */
export function registerReportRoutes(app: App, parts: ReportParts): void {
  const { timeline, sockets, intake, partitions, database, tokens, requireRole, clock, onGrowth } = parts;
  const expiries = new WeakMap<FastifyRequest, number>();

  app.get(
    '/tracking/ws',
    {
      websocket: true,
      async preValidation(request) {
        sockets.assertOpen();
        const { principal, expiresAt } = await recogniseSocket(request, tokens);
        if (principal.role !== 'driver') throw new Problem('ACCESS_DENIED', 'This needs the role driver.');
        request.principal = principal;
        expiries.set(request, expiresAt);
      },
    },
    (socket, request) => sockets.accept(socket, principalOf(request), expiries.get(request) ?? 0),
  );

  app.post(
    '/tracking/locations',
    {
      schema: {
        summary: 'Report positions',
        description: 'Always 202: an unfit position is left out, and sending it again would not help.',
        body: PingBatchSchema,
        response: { 202: PingBatchAnswerSchema, ...problems },
      },
      preValidation: requireRole('driver'),
    },
    async (request, reply) => {
      const { pings } = request.body;
      const driver = principalOf(request);
      if (!intake.admit(driver, pings.length)) {
        throw new Problem('TOO_MANY_REQUESTS', 'Report fewer positions.', { retryAfterSeconds: 10 });
      }
      return reply.code(202).send({ results: await intake.report(driver, pings) });
    },
  );

  app.post(
    '/tracking/orders/:id/updates',
    {
      schema: {
        summary: 'Report how far the delivery is',
        params,
        body: ReportSchema,
        response: { 201: ReportedSchema, ...problems },
      },
      preValidation: requireRole('driver'),
    },
    async (request, reply) => {
      const { id: orderId } = request.params;
      const { id: driverId } = principalOf(request);
      const { type, point } = request.body;
      const key = idempotencyKeyOf(request);
      const now = clock.now();
      await partitions.cover(now);
      const { traceparent } = request.headers;
      const trace = typeof traceparent === 'string' ? traceparent : undefined;
      const at = new Date(now).toISOString();
      const reached = { type, point, at, driverId, actor: driverId, trace };
      const answer = await database.transaction(async (transaction) => {
        const report = async () => {
          await timeline.reach(orderId, reached, transaction);
          return { status: 201, body: { orderId, type, at, point } };
        };
        const scope = `${driverId} POST /tracking/orders/${orderId}/updates`;
        return answerOnce(transaction, { key, scope, body: request.body }, report);
      });
      onGrowth({ orderId, driverId });
      if (answer.replayed) reply.header('idempotency-replayed', 'true');
      return reply.code(201).send(answer.body as Static<typeof ReportedSchema>);
    },
  );
}

/** Registers the timelines: read, watched, and shared by link. */
export function registerTimelineRoutes(app: App, parts: TimelineParts): void {
  const { timeline, streams, locations, serviceKey, requireRole, clock } = parts;
  const anyRole = requireRole();

  /** Lets in who has an account or, by `?token=`, a shared link; whose order it is, is asked afterwards. */
  async function admit(request: FastifyRequest): Promise<void> {
    if (tokenOf(request) === undefined) await anyRole(request);
  }

  /** The order for whom it concerns, as they may see it; otherwise as if there were none. */
  async function look(request: FastifyRequest, orderId: string) {
    const token = tokenOf(request);
    const order = await timeline.find(orderId);
    if (token === undefined) {
      if (!order || !concerns(order, principalOf(request))) throw unknownOrder();
      return { order, view: viewOf(principalOf(request)), until: Number.POSITIVE_INFINITY };
    }
    const grant = tryReadTrackGrant(token, keysOf(await serviceKey.read()), clock.now());
    if (grant === undefined) throw new Problem('TOKEN_WRONG', 'The link is not good, or has expired.');
    if (!order || grant.orderId !== orderId) throw unknownOrder();
    return { order, view: viewOf(undefined), until: grant.until };
  }

  app.get(
    '/tracking/orders/:id',
    {
      schema: {
        summary: 'Read the timeline of an order',
        params,
        querystring: TokenQuery,
        response: { 200: TimelineSchema, ...problems },
      },
      preValidation: admit,
    },
    async (request) => {
      const { order, view } = await look(request, request.params.id);
      const updates = await timeline.read(order.id, '0');
      const { driverId, stage, status } = order;
      // Without Redis there is a timeline without a position.
      const ping =
        driverId !== undefined && isCarried(order)
          ? await locations.find(driverId).catch(() => undefined)
          : undefined;
      const seesDriver = tokenOf(request) === undefined;
      return {
        orderId: order.id,
        status,
        ...(stage !== undefined && { stage }),
        ...(seesDriver && driverId !== undefined && { driverId }),
        ...(ping && { position: { lat: ping.lat, lon: ping.lon, at: ping.at } }),
        updates: updates
          .flatMap((update) => view(update) ?? [])
          .sort((one, other) => Date.parse(one.at) - Date.parse(other.at)),
      };
    },
  );

  app.get(
    '/tracking/orders/:id/stream',
    {
      // A stream without a body would only hold a connection.
      exposeHeadRoute: false,
      schema: {
        summary: 'Watch an order',
        description:
          'Server-sent events: `update` with an id, again from `Last-Event-ID`, and `position`. Ends after 15 minutes at the latest; come back with a fresh token.',
        params,
        querystring: TokenQuery,
        response: { 200: EventStreamAnswer, ...problems },
      },
      preValidation: admit,
    },
    async (request, reply) => {
      const { order, view, until } = await look(request, request.params.id);
      const after = String(request.headers['last-event-id'] ?? '0');
      if (!/^\d{1,18}$/.test(after)) {
        throw new Problem('REQUEST_INVALID', 'Send the id of the last event you have seen.', {
          field: 'last-event-id',
        });
      }
      await streams.open(request, reply, { orderId: order.id, after, view, until });
    },
  );

  app.post(
    '/tracking/orders/:id/token',
    {
      schema: {
        summary: 'Share an order by link',
        params,
        body: ShareSchema,
        response: { 201: ShareAnswerSchema, ...problems },
      },
      preValidation: requireRole('customer', 'manager'),
    },
    async (request, reply) => {
      const order = await timeline.find(request.params.id);
      if (!order || !concerns(order, principalOf(request))) throw unknownOrder();
      const { expiresInSeconds = dayMs / 1000 } = request.body;
      const until = clock.now() + expiresInSeconds * 1000;
      const [key = ''] = keysOf(await serviceKey.read());
      const token = signTrackGrant({ orderId: order.id, until }, key);
      return reply.code(201).send({ token, expiresAt: new Date(until).toISOString() });
    },
  );
}

function concerns(order: TrackedOrder, principal: Principal): boolean {
  if (!isOfOrg(principal, order.org)) return false;
  if (principal.role === 'customer') return order.customerId === principal.id;
  if (principal.role === 'driver') return order.driverId === principal.id;
  return true;
}

/** Offers are the organisation's business; who drives is not told to whoever has a link. */
function viewOf(principal: Principal | undefined): View {
  if (principal?.role === 'manager' || principal?.role === 'service') return (update) => update;
  return (update) => {
    if (update.type === 'offered') return undefined;
    if (principal !== undefined) return update;
    const { driverId: _driver, ...seen } = update;
    return seen;
  };
}

function tokenOf(request: FastifyRequest): string | undefined {
  const { token } = request.query as { token?: unknown };
  return typeof token === 'string' ? token : undefined;
}
