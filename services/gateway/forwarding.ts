import type { IncomingHttpHeaders } from 'node:http';
import { identityHeader } from '../lib/identity-header.ts';

export interface Forwarding {
  /** The client as we know it; what it says of itself in these headers counts for nothing. */
  readonly client: { readonly address: string; readonly protocol: string; readonly host: string };
  /** Who asks, signed. Takes the place of the token; without it the token, if any, is left to the service. */
  readonly identity: string | undefined;
}

/** Those of one connection (RFC 9110, section 7.6.1), and `expect`, which our server has answered already. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** What only we say. */
const ours: ReadonlySet<string> = new Set([
  identityHeader,
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
]);

/**
 * The headers a service gets. `x-forwarded-for` is one address, not the chain: a service trusts the proxy before it,
 * and counts and logs by what that proxy says.
 */
export function forwardRequestHeaders(
  given: IncomingHttpHeaders,
  forwarding: Forwarding,
): IncomingHttpHeaders {
  const { client, identity } = forwarding;
  const kept = without(given, (name) => hopByHop.has(name) || ours.has(name));
  if (identity !== undefined) delete kept.authorization;
  return {
    ...kept,
    'x-forwarded-for': client.address,
    'x-forwarded-host': client.host,
    'x-forwarded-proto': client.protocol,
    ...(identity !== undefined && { [identityHeader]: identity }),
  };
}

/** The headers the client gets: those of the service's connection to us are not its business. */
export function forwardResponseHeaders(given: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = String(given.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  return without(given, (name) => hopByHop.has(name) || named.includes(name));
}

function without(headers: IncomingHttpHeaders, isLeftOut: (name: string) => boolean): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isLeftOut(name)));
}
