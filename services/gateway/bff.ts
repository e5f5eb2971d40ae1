import { principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import type { Principal } from '../lib/principal.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import type { Asker } from './asker.ts';
import { DashboardSchema, type FailedPart, OrderViewParams, OrderViewSchema } from './schemas.ts';

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };

/** As whom the gateway asks for what the client may see only a part of. */
const gatewayItself: Principal = { id: 'gateway', org: '*', role: 'service', permissions: [] };

/** Registers `/bff/*`: what one screen needs, asked of the services at once. */
export function registerBffRoutes(
  app: App,
  deps: { asker: Asker; requireRole: RequireRole; timeoutMs: number },
): void {
  const { asker, requireRole, timeoutMs } = deps;

  app.get(
    '/bff/dashboard',
    {
      schema: {
        summary: 'All a manager sees at once',
        description: 'A service that does not answer costs its part only; 503 when none does.',
        response: { 200: DashboardSchema, ...problems },
      },
      preValidation: requireRole('manager'),
    },
    async (request) => {
      const as = { request, principal: principalOf(request), timeoutMs };
      const { parts, failed } = await gather({
        orders: asker.read('order', '/orders?limit=100', as),
        drivers: asker.read('driver', '/drivers?limit=100', as),
        queue: asker.read('dispatch', '/dispatch/queue', as),
      });
      if (failed.length === Object.keys(parts).length) {
        throw new Problem('UPSTREAM_UNAVAILABLE', 'None of the services answers.', { retryAfterSeconds: 5 });
      }
      return { ...parts, failed };
    },
  );

  app.get(
    '/bff/orders/:id',
    {
      schema: {
        summary: 'All about an order',
        description:
          'For its customer, its driver and managers. A service that does not answer costs its part only, but the order itself.',
        params: OrderViewParams,
        response: { 200: OrderViewSchema, ...problems },
      },
      preValidation: requireRole('customer', 'driver', 'manager'),
    },
    async (request) => {
      const { id } = request.params;
      const as = { request, principal: principalOf(request), timeoutMs };
      const order = asker.read('order', `/orders/${id}`, as) as Promise<OrderOnTheWay>;
      // Who may see the order may see where it is: its position is asked for as the gateway.
      const position = order.then(({ driverId, status }) =>
        driverId !== undefined && underWay.has(status)
          ? asker.read('driver', `/drivers/${driverId}/location`, { ...as, principal: gatewayItself })
          : null,
      );
      const [, { parts, failed }] = await Promise.all([
        order,
        gather({
          order,
          events: asker.read('order', `/orders/${id}/events`, as),
          timeline: asker.read('tracking', `/tracking/orders/${id}`, as),
          position: position.catch(nullWhenUnknown),
        }),
      ]);
      return { ...parts, failed };
    },
  );
}

interface OrderOnTheWay {
  readonly status: string;
  readonly driverId?: string;
}

const underWay: ReadonlySet<string> = new Set(['assigned', 'picked-up']);

/** A driver who has not reported a position has none; that is no failure. */
function nullWhenUnknown(error: unknown): null {
  if (error instanceof Problem && error.code === 'RESOURCE_UNKNOWN') return null;
  throw error;
}

/** Waits for all parts; those that failed are null, and named with the code of their problem. */
async function gather<Name extends string>(
  asked: Readonly<Record<Name, Promise<unknown>>>,
): Promise<{ parts: Record<Name, unknown>; failed: FailedPart[] }> {
  const names = Object.keys(asked) as Name[];
  const results = await Promise.allSettled(names.map((name) => asked[name]));
  const failed: FailedPart[] = [];
  const parts = names.map((name, index) => {
    const result = results[index];
    if (result?.status === 'fulfilled') return [name, result.value];
    const reason: unknown = result?.reason;
    failed.push({ part: name, code: reason instanceof Problem ? reason.code : 'INTERNAL_FAULT' });
    return [name, null];
  });
  return { parts: Object.fromEntries(parts) as Record<Name, unknown>, failed };
}
