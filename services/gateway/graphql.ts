import type { FastifyRequest } from 'fastify';
import mercurius, { type IResolvers } from 'mercurius';
import { principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import type { AskedName, Asker } from './asker.ts';

/** Deepest nesting of a query: an order with its driver and their vehicle needs four. */
const queryDepth = 6;

const schema = `
  type Query {
    me: User!
    order(id: ID!): Order!
    orders(after: ID, limit: Int = 50, status: String): OrderPage!
    driver(id: ID!): Driver!
    drivers(after: ID, limit: Int = 50, status: String): DriverPage!
  }
  type User { id: ID! org: String! email: String! name: String! role: String! }
  type Place { lat: Float! lon: Float! address: String }
  type Order {
    id: ID! org: String! kind: String! status: String! version: Int! customerId: ID! driverId: ID
    pickup: Place! dropoff: Place! scheduledAt: String priority: Int! note: String createdAt: String! updatedAt: String!
    events: [OrderEvent!]!
    driver: Driver
  }
  type OrderEvent { seq: Int! type: String! at: String! by: String! }
  type OrderPage { items: [Order!]! next: ID }
  type Driver { id: ID! org: String! name: String! status: String! skills: [String!]! vehicle: Vehicle }
  type Vehicle { type: String! }
  type DriverPage { items: [Driver!]! next: ID }
`;

interface Context {
  request: FastifyRequest;
}

/** Registers `/graphql`: reading over the same calls as everything else, so with the same rights. */
export async function registerGraphql(
  app: App,
  deps: { asker: Asker; requireRole: RequireRole; timeoutMs: number },
): Promise<void> {
  const { asker, timeoutMs } = deps;

  function read(to: AskedName, path: string, { request }: Context): Promise<unknown> {
    return asker.read(to, path, { request, principal: principalOf(request), timeoutMs });
  }

  const resolvers = {
    Query: {
      me: (_root: unknown, _given: object, context: Context) =>
        read('identity', `/users/${principalOf(context.request).id}`, context),
      order: (_root: unknown, { id }: { id: string }, context: Context) =>
        read('order', `/orders/${encodeURIComponent(id)}`, context),
      orders: (_root: unknown, page: Page, context: Context) =>
        read('order', `/orders?${queryOf(page)}`, context),
      driver: (_root: unknown, { id }: { id: string }, context: Context) =>
        read('driver', `/drivers/${encodeURIComponent(id)}`, context),
      drivers: (_root: unknown, page: Page, context: Context) =>
        read('driver', `/drivers?${queryOf(page)}`, context),
    },
    Order: {
      events: async ({ id }: { id: string }, _given: object, context: Context) => {
        const { items } = (await read('order', `/orders/${id}/events`, context)) as { items: unknown[] };
        return items;
      },
      driver: ({ driverId }: { driverId?: string }, _given: object, context: Context) =>
        driverId === undefined ? null : read('driver', `/drivers/${driverId}`, context),
    },
  };

  await app.register(async (scope) => {
    scope.addHook('onRequest', deps.requireRole());
    await scope.register(mercurius, {
      schema,
      // mercurius types the context of its own making; ours is what `context` below makes of it.
      resolvers: resolvers as unknown as IResolvers,
      context: (request) => ({ request }),
      queryDepth,
      graphiql: false,
      // Refusals are problem documents here too, and a 401 is not a 200 with errors.
      errorHandler: false,
    });
  });
}

interface Page {
  readonly after?: string;
  readonly limit?: number;
  readonly status?: string;
}

function queryOf(page: Page): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(page)) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  return query.toString();
}
