import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { isOfOrg, principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import type { Clock } from '../lib/clock.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { answerOnce, idempotencyKeyOf } from '../lib/idempotency.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Feed } from './feed.ts';
import type { Notifications } from './notifications.ts';
import type { Recipient, Recipients } from './recipients.ts';
import { missingFields } from './render.ts';
import {
  DeadLettersSchema,
  FeedQuery,
  FeedSchema,
  NotifiedSchema,
  NotifySchema,
  RedrivenSchema,
  RedriveSchema,
} from './schemas.ts';

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };

export interface NotificationParts {
  database: Database;
  notifications: Notifications;
  recipients: Recipients;
  feed: Feed;
  deadLetters: DeadLetters;
  requireRole: RequireRole;
  clock: Clock;
  random: () => number;
  /** Called when there is something to send. */
  told: () => void;
}

/** Registers `/notifications/*`. */
export function registerNotificationRoutes(app: App, parts: NotificationParts): void {
  const { feed, deadLetters, requireRole } = parts;
  const visible = createVisible(parts);
  const notify = createNotifying(parts);

  app.get(
    '/notifications',
    {
      schema: {
        summary: 'What somebody was told, the newest first',
        querystring: FeedQuery,
        response: { 200: FeedSchema, ...problems },
      },
      preValidation: requireRole('customer', 'driver', 'manager'),
    },
    async (request) => {
      const { user = principalOf(request).id, after, limit = '50' } = request.query;
      if (user !== principalOf(request).id) await visible(request, user);
      const { items, next } = await feed.list(user, { after, limit: Number(limit) });
      return { items: [...items], ...(next !== undefined && { next }) };
    },
  );

  app.post(
    '/notifications',
    {
      schema: {
        summary: 'Tell somebody something',
        description: 'A manager sends an Idempotency-Key: the same request again tells nobody twice.',
        body: NotifySchema,
        response: { 202: NotifiedSchema, ...problems },
      },
      preValidation: requireRole('service', 'manager'),
    },
    (request, reply) => notify(request, request.body, reply),
  );

  app.get(
    '/notifications/dlq',
    {
      schema: { summary: 'The jobs that were given up', response: { 200: DeadLettersSchema, ...problems } },
      preValidation: requireRole('manager'),
    },
    async () => deadLetters.look(),
  );

  app.post(
    '/notifications/dlq/redrive',
    {
      schema: {
        summary: 'Have the jobs that were given up done again',
        body: RedriveSchema,
        response: { 202: RedrivenSchema, ...problems },
      },
      preValidation: requireRole('manager'),
    },
    async (request, reply) => {
      const { dryRun = false } = request.body;
      const { depth } = dryRun ? await deadLetters.look() : await deadLetters.redrive();
      const by = principalOf(request).id;
      if (!dryRun) request.log.info({ audit: true, by, depth }, 'dead letters redriven');
      return reply.code(202).send({ depth, started: !dryRun });
    },
  );
}

/** Reads a recipient of the principal's organisation; anybody else is as if they were not there. */
function createVisible({ recipients }: NotificationParts) {
  return async (request: FastifyRequest, id: string): Promise<Recipient> => {
    const principal = principalOf(request);
    const recipient = ['manager', 'service'].includes(principal.role) ? await recipients.find(id) : undefined;
    if (!recipient || recipient.isErased || !isOfOrg(principal, recipient.org)) {
      throw new Problem('RESOURCE_UNKNOWN', 'There is no such user.');
    }
    return recipient;
  };
}

type Notify = Static<typeof NotifySchema>;

/** Notes what is to be told, once for its `Idempotency-Key`. */
function createNotifying(parts: NotificationParts) {
  const { database, notifications, clock, random, told } = parts;
  const visible = createVisible(parts);

  async function note(transaction: Transaction, { userId, template, data, channel }: Notify, org: string) {
    const planned = { userId, template, data, channel };
    const source = { eventId: uuidV7(clock.now(), random), org };
    return { notifications: await notifications.plan(transaction, [planned], source) };
  }

  return async (request: FastifyRequest, body: Notify, reply: FastifyReply): Promise<void> => {
    const principal = principalOf(request);
    const key = idempotencyKeyOf(request);
    if (key === undefined && principal.role === 'manager') {
      const field = 'idempotency-key';
      throw new Problem('REQUEST_INVALID', 'Send an Idempotency-Key, such as a UUID.', { field });
    }
    const [missing] = missingFields(body.template, body.data);
    if (missing !== undefined) {
      throw new Problem('BODY_INVALID', `data.${missing} is required.`, { field: `data.${missing}` });
    }
    const { org } = await visible(request, body.userId);
    const answer = await database.transaction(async (transaction) => {
      const create = async () => ({ status: 202, body: await note(transaction, body, org) });
      const scope = `${principal.id} POST /notifications`;
      return answerOnce(transaction, { key, scope, body }, create);
    });
    told();
    if (answer.replayed) reply.header('idempotency-replayed', 'true');
    return reply.code(answer.status).send(answer.body);
  };
}
