import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { keysOf } from '../lib/access.ts';
import type { Clock } from '../lib/clock.ts';
import { signIdentity } from '../lib/identity-header.ts';
import type { Principal } from '../lib/principal.ts';
import type { SecretSource } from '../lib/secret.ts';
import { forwardRequestHeaders } from './forwarding.ts';

/** Makes the headers with which a client's request goes on to a service. */
export interface Passage {
  /** Signs who asks, for one request. */
  sign(principal: Principal): Promise<string>;
  /** `identity` is a signed one. */
  headersFor(request: FastifyRequest, identity: string | undefined): IncomingHttpHeaders;
}

export function createPassage(deps: { serviceKey: SecretSource; clock: Clock }): Passage {
  const { serviceKey, clock } = deps;
  return {
    async sign(principal) {
      const [newest] = keysOf(await serviceKey.read());
      if (newest === undefined) throw new Error('The service key is empty.');
      return signIdentity(principal, newest, clock.now());
    },
    headersFor(request, identity) {
      const client = { address: request.ip, protocol: request.protocol, host: request.host };
      return forwardRequestHeaders(request.headers, { client, identity });
    },
  };
}
