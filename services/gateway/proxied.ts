import type { Role } from '../lib/principal.ts';

export const upstreamNames = [
  'identity',
  'order',
  'driver',
  'dispatch',
  'notification',
  'tracking',
  'customer',
] as const;
export type UpstreamName = (typeof upstreamNames)[number];

export interface Proxied {
  /** The path itself and all below it, but for what a longer prefix says. */
  readonly prefix: string;
  readonly to: UpstreamName;
  /** Who may ask at all; everybody with a token where it is missing. The service decides the rest. */
  readonly roles?: readonly Role[];
}

/** What is passed on, and to whom. */
export const proxied: readonly Proxied[] = [
  { prefix: '/auth', to: 'identity' },
  { prefix: '/users', to: 'identity' },
  { prefix: '/.well-known/jwks.json', to: 'identity' },
  { prefix: '/orders', to: 'order' },
  { prefix: '/bookings', to: 'order', roles: ['customer', 'manager'] },
  { prefix: '/drivers', to: 'driver', roles: ['driver', 'manager'] },
  { prefix: '/dispatch', to: 'dispatch', roles: ['manager'] },
  { prefix: '/dispatch/offers', to: 'dispatch', roles: ['driver'] },
  { prefix: '/notifications', to: 'notification' },
  { prefix: '/tracking', to: 'tracking' },
  { prefix: '/customers', to: 'customer' },
];

const open: ReadonlySet<string> = new Set([
  'POST /auth/register',
  'POST /auth/login',
  'POST /auth/token/refresh',
  'POST /auth/logout',
  'GET /.well-known/jwks.json',
]);
const tracked = /^\/tracking\/orders\/[^/]+(\/stream)?$/;

/** Says whether a request is let through without an access token: what it needs instead, the service checks. */
export function isOpen(method: string, url: URL): boolean {
  if (open.has(`${method} ${url.pathname}`)) return true;
  return method === 'GET' && tracked.test(url.pathname) && url.searchParams.has('token');
}
