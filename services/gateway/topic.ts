import type { FastifyRequest } from 'fastify';
import type { Principal } from '../lib/principal.ts';
import { Problem } from '../lib/problem.ts';
import type { Asker } from './asker.ts';

/** Something that can be watched. */
export interface Topic {
  /** As clients write it: `order:<id>`, `driver:<id>` or `dashboard`. */
  readonly name: string;
  /** Where the services tell it on the bus. */
  readonly subject: string;
}

/** Gives a topic that the principal may watch. Throws ACCESS_DENIED, RESOURCE_UNKNOWN or what kept us from asking. */
export type OpenTopic = (name: string, principal: Principal, request: FastifyRequest) => Promise<Topic>;

const named = /^(order|driver):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * Who may see an order or a driver is for their services to say: the topic is open to whom they would answer. The
 * dashboard is its organisation's managers'.
 */
export function createOpenTopic(deps: { asker: Asker; timeoutMs: number }): OpenTopic {
  return async (name, principal, request) => {
    if (name === 'dashboard') {
      if (principal.role !== 'manager') throw new Problem('ACCESS_DENIED', 'The dashboard is for managers.');
      return { name, subject: `live.dashboard.${principal.org}` };
    }
    const [, kind, id] = named.exec(name) ?? [];
    if (kind !== 'order' && kind !== 'driver') {
      throw new Problem('REQUEST_INVALID', 'A topic is order:<id>, driver:<id> or dashboard.');
    }
    await deps.asker.read(kind, `/${kind}s/${id}`, { request, principal, timeoutMs: deps.timeoutMs });
    return { name, subject: `live.${kind}.${id}` };
  };
}
