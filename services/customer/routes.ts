import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isOfOrg, principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { answerOnce, idempotencyKeyOf } from '../lib/idempotency.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import type { Addresses } from './addresses.ts';
import type { CommTokens } from './comm-tokens.ts';
import { type Act, type Customer, type Customers, noPreferences, type Owner } from './customers.ts';
import type { Erasures } from './erasure.ts';
import {
  AddressListSchema,
  AddressParams,
  AddressSchema,
  ChangeAddressSchema,
  CustomerParams,
  ErasureSchema,
  ExportSchema,
  ListQuery,
  NewAddressSchema,
  NewTokenSchema,
  PreferencesSchema,
  SetPreferencesSchema,
  TokenParams,
  TokenSchema,
} from './schemas.ts';

export interface CustomerParts {
  customers: Customers;
  addresses: Addresses;
  tokens: CommTokens;
  erasures: Erasures;
  database: Database;
  requireRole: RequireRole;
  /** Called when something was written to the outbox. */
  told: () => void;
}

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
const params = CustomerParams;
const unknown = () => new Problem('RESOURCE_UNKNOWN', 'There is no such customer.');

/** Everybody with an account has preferences: a driver too. Our services learn of them by events. */
const people = ['customer', 'driver', 'manager'] as const;

/** Registers `/customers/:id/preferences`, `…/addresses` and `…/tokens`: for the person alone. */
export function registerOwnRoutes(app: App, parts: CustomerParts): void {
  const { customers, addresses, tokens, database, requireRole, told } = parts;
  const addOnce = createAdding(parts);
  const preValidation = requireRole(...people);

  app.get(
    '/customers/:id/preferences',
    {
      schema: {
        summary: 'How somebody is told things',
        params,
        response: { 200: PreferencesSchema, ...problems },
      },
      preValidation,
    },
    async (request) => {
      const { id } = selfOf(request, request.params.id);
      return (await customers.find(id))?.preferences ?? noPreferences;
    },
  );

  app.put(
    '/customers/:id/preferences',
    {
      schema: {
        summary: 'Say yes or no to channels',
        description: 'Each yes and no is kept with its time and source.',
        params,
        body: SetPreferencesSchema,
        response: { 200: PreferencesSchema, ...problems },
      },
      preValidation,
    },
    async (request) =>
      customers.setPreferences(selfOf(request, request.params.id), request.body, actOf(request)),
  );

  app.get(
    '/customers/:id/addresses',
    {
      schema: {
        summary: 'List saved addresses',
        params,
        querystring: ListQuery,
        response: { 200: AddressListSchema, ...problems },
      },
      preValidation,
    },
    async (request) => {
      const { id } = selfOf(request, request.params.id);
      const { after, limit = '50' } = request.query;
      const items = await addresses.list(id, { after, limit: Number(limit) });
      return { items, ...(items.length === Number(limit) && { next: items.at(-1)?.id }) };
    },
  );

  app.post(
    '/customers/:id/addresses',
    {
      schema: {
        summary: 'Save an address',
        params,
        body: NewAddressSchema,
        response: { 201: AddressSchema, ...problems },
      },
      preValidation,
    },
    async (request, reply) => {
      const { id } = selfOf(request, request.params.id);
      return addOnce(request, reply, 'POST /addresses', (transaction) =>
        addresses.add(transaction, id, request.body),
      );
    },
  );

  app.patch(
    '/customers/:id/addresses/:addressId',
    {
      schema: {
        summary: 'Change a saved address',
        params: AddressParams,
        body: ChangeAddressSchema,
        response: { 200: AddressSchema, ...problems },
      },
      preValidation,
    },
    async (request) => {
      const { id } = selfOf(request, request.params.id);
      return addresses.change(id, request.params.addressId, request.body);
    },
  );

  app.delete(
    '/customers/:id/addresses/:addressId',
    {
      schema: {
        summary: 'Remove a saved address',
        params: AddressParams,
        response: { 204: Type.Null(), ...problems },
      },
      preValidation,
    },
    async (request, reply) => {
      const { id } = selfOf(request, request.params.id);
      await addresses.remove(id, request.params.addressId);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/customers/:id/tokens',
    {
      schema: {
        summary: 'Say where messages reach a device or telephone',
        description: 'A token that is there already is given again.',
        params,
        body: NewTokenSchema,
        response: { 201: TokenSchema, ...problems },
      },
      preValidation,
    },
    async (request, reply) => {
      const { id } = selfOf(request, request.params.id);
      return addOnce(request, reply, 'POST /tokens', async (transaction, customer) => {
        const token = await tokens.put(transaction, id, request.body);
        await customers.announce(transaction, customer, actOf(request));
        return token;
      });
    },
  );

  app.delete(
    '/customers/:id/tokens/:tokenId',
    {
      schema: { summary: 'Forget a token', params: TokenParams, response: { 204: Type.Null(), ...problems } },
      preValidation,
    },
    async (request, reply) => {
      const owner = selfOf(request, request.params.id);
      await database.transaction(async (transaction) => {
        const customer = await customers.open(transaction, owner);
        await tokens.remove(transaction, owner.id, request.params.tokenId);
        await customers.announce(transaction, customer, actOf(request));
      });
      told();
      return reply.code(204).send(null);
    },
  );
}

/** Registers what the law gives everybody: their data, and to be forgotten. For the person and for managers. */
export function registerRightsRoutes(app: App, parts: CustomerParts): void {
  const { customers, addresses, tokens, erasures, requireRole } = parts;

  app.get(
    '/customers/:id/export',
    {
      schema: {
        summary: 'Everything held of somebody',
        params,
        response: { 200: ExportSchema, ...problems },
      },
      preValidation: requireRole(...people),
    },
    async (request, reply) => {
      const customer = await customers.find(request.params.id);
      if (!customer || !concerns(request, customer)) throw unknown();
      request.log.info({ audit: true, userId: customer.id, by: principalOf(request).id }, 'data exported');
      reply.header('content-disposition', `attachment; filename="customer-${customer.id}.json"`);
      const [saved, reached, consents] = await Promise.all([
        addresses.list(customer.id, { limit: 100 }),
        tokens.list(customer.id),
        erasures.consents(customer.id),
      ]);
      return { ...customer, addresses: saved, tokens: reached, consents };
    },
  );

  app.delete(
    '/customers/:id',
    {
      schema: {
        summary: 'Forget somebody',
        description:
          'Everything held here goes at once; orders, drivers and the account lose what names the person by event.',
        params,
        response: { 202: ErasureSchema, ...problems },
      },
      preValidation: requireRole(...people),
    },
    async (request, reply) => {
      const { id } = request.params;
      const org = await erasures.orgOf(id);
      if (org === undefined || !concerns(request, { id, org })) throw unknown();
      const erasure = await erasures.erase(id, actOf(request));
      request.log.info({ audit: true, userId: id, by: principalOf(request).id }, 'somebody erased');
      return reply.code(202).send(erasure);
    },
  );
}

/** Adds something to the person who asks, once for its `Idempotency-Key`, where there is one. */
function createAdding({ customers, database, told }: CustomerParts) {
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    route: string,
    add: (transaction: Transaction, customer: Customer) => Promise<unknown>,
  ): Promise<void> => {
    const { id, org } = principalOf(request);
    const key = idempotencyKeyOf(request);
    const answer = await database.transaction(async (transaction) => {
      const customer = await customers.open(transaction, { id, org });
      const create = async () => ({ status: 201, body: await add(transaction, customer) });
      return answerOnce(transaction, { key, scope: `${id} ${route}`, body: request.body }, create);
    });
    told();
    if (answer.replayed) reply.header('idempotency-replayed', 'true');
    return reply.code(answer.status).send(answer.body);
  };
}

/** The person who asks, when it is the one of the path; for anybody else there is nothing. */
function selfOf(request: FastifyRequest, id: string): Owner {
  const principal = principalOf(request);
  if (principal.id !== id) throw unknown();
  return { id, org: principal.org };
}

function concerns(request: FastifyRequest, owner: Owner): boolean {
  const principal = principalOf(request);
  return principal.id === owner.id || (principal.role === 'manager' && isOfOrg(principal, owner.org));
}

function actOf(request: FastifyRequest): Act {
  const { traceparent } = request.headers;
  return { actor: principalOf(request).id, trace: typeof traceparent === 'string' ? traceparent : undefined };
}
