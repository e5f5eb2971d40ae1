import {
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import type { Logger } from 'pino';
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { keysOf } from '../lib/access.ts';
import type { Clock } from '../lib/clock.ts';
import { identityHeader, signIdentity } from '../lib/identity-header.ts';
import type { SecretSource } from '../lib/secret.ts';
import { traced } from '../lib/trace.ts';
import type { OrderStep } from './order-queue.ts';

/** The part of an order that dispatch reads. */
const PlaceSchema = Type.Object({ lat: Type.Number(), lon: Type.Number() });
export const OrderSchema = Type.Object({
  id: Type.String(),
  org: Type.String(),
  customerId: Type.String(),
  driverId: Type.Optional(Type.String()),
  status: Type.Enum(['created', 'assigned', 'picked-up', 'delivered', 'cancelled']),
  version: Type.Integer(),
  pickup: PlaceSchema,
  dropoff: PlaceSchema,
  scheduledAt: Type.Optional(Type.String()),
  priority: Type.Integer(),
  demand: Type.Object({
    weightKg: Type.Optional(Type.Number()),
    seats: Type.Optional(Type.Integer()),
    skills: Type.Optional(Type.Array(Type.String())),
  }),
});
export type Order = Static<typeof OrderSchema>;

/** What a state at order is here. */
export const stateOf: Readonly<Record<Order['status'], OrderStep['state']>> = {
  created: 'waiting',
  assigned: 'assigned',
  'picked-up': 'picked-up',
  delivered: 'delivered',
  cancelled: 'over',
};

/** Order does not answer, or not as it should; what was asked may have happened. */
class OrderAwayError extends Error {
  override readonly name = 'OrderAwayError';
}

/** The order service, as dispatch asks it. Every call throws `OrderAwayError` while order is away. */
export interface OrderClient {
  /** Gives an order to a driver if it is still at `version`; `undefined` when it has changed since or is gone. */
  assign(assignment: {
    orderId: string;
    offerId: string;
    driverId: string;
    version: number;
  }): Promise<Order | undefined>;
  find(id: string): Promise<Order | undefined>;
}

const timeoutMs = 2_000;
/** One call in ten may be made a second time; a burst of ten. A service in trouble gets little more to do. */
const retryShare = 0.1;
const retriesSaved = 10;
const halfOpenAfterMs = 2_000;

export function createOrderClient(deps: {
  url: string;
  serviceKey: SecretSource;
  clock: Pick<Clock, 'now'>;
  log: Logger;
}): OrderClient {
  const { url, serviceKey, clock, log } = deps;
  let budget = retriesSaved;
  const mayRetry = () => {
    if (budget < 1) return false;
    budget -= 1;
    return true;
  };
  const breaker = circuitBreaker(
    handleWhen(() => true),
    {
      breaker: new ConsecutiveBreaker(5),
      halfOpenAfter: halfOpenAfterMs,
    },
  );
  breaker.onBreak(() => log.warn('order does not answer; assignments wait'));
  const guarded = wrap(
    retry(
      handleWhen((error) => error instanceof OrderAwayError && mayRetry()),
      { maxAttempts: 1 },
    ),
    breaker,
    timeout(timeoutMs, TimeoutStrategy.Aggressive),
  );

  async function ask(
    method: 'GET' | 'PUT',
    path: string,
    given: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Order | undefined> {
    budget = Math.min(retriesSaved, budget + retryShare);
    const [key = ''] = keysOf(await serviceKey.read());
    const principal = { id: 'dispatch', org: '*', role: 'service' as const, permissions: [] };
    const headers = {
      [identityHeader]: signIdentity(principal, key, clock.now()),
      ...(given.body !== undefined && { 'content-type': 'application/json' }),
      ...given.headers,
    };
    const body = given.body !== undefined && { body: JSON.stringify(given.body) };
    const attributes = { 'http.request.method': method, 'peer.service': 'order' };
    const send = ({ signal }: { signal: AbortSignal }) =>
      traced({ name: `${method} order`, kind: 'client', attributes }, async (span) => {
        const cause = span && { traceparent: span.traceparent };
        const request = { method, headers: { ...headers, ...cause }, ...body, signal };
        const response = await fetch(new URL(path, url), request).catch((error: unknown) => {
          throw new OrderAwayError('order does not answer.', { cause: error });
        });
        return readOrder(response);
      });
    return guarded.execute(send).catch((error: unknown) => {
      if (error instanceof OrderAwayError) throw error;
      throw new OrderAwayError('order does not answer in time.', { cause: error });
    });
  }

  return {
    assign: ({ orderId, offerId, driverId, version }) =>
      ask('PUT', `/orders/${orderId}/assignment`, {
        body: { driverId, offerId },
        headers: { 'if-match': `"${version}"` },
      }),
    find: (id) => ask('GET', `/orders/${id}`),
  };
}

async function readOrder(response: Response): Promise<Order | undefined> {
  const { status } = response;
  const body: unknown = await response.json().catch(() => undefined);
  if (status === 404 || status === 409) return undefined;
  if (status === 200 && Value.Check(OrderSchema, body)) return body;
  throw new OrderAwayError(`order answered ${status}${status === 200 ? ' with no order' : ''}.`);
}
