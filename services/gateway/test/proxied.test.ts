import { expect, test } from '@jest/globals';
import { isOpen, proxied, upstreamNames } from '../proxied.ts';

test.each([
  ['POST', '/auth/login', true],
  ['POST', '/auth/register', true],
  ['POST', '/auth/token/refresh', true],
  ['POST', '/auth/logout', true],
  ['GET', '/.well-known/jwks.json', true],
  ['GET', '/tracking/orders/1?token=x', true],
  ['GET', '/tracking/orders/1/stream?token=x', true],
  ['GET', '/tracking/orders/1', false],
  ['POST', '/tracking/orders/1?token=x', false],
  ['GET', '/tracking/ws?token=x', false],
  ['GET', '/auth/login', false],
  ['POST', '/auth/login/', false],
  ['GET', '/orders/1?token=x', false],
])('%s %s needs no token: %s', (method, path, open) => {
  expect(isOpen(method, new URL(path, 'http://gateway'))).toBe(open);
});

test('every service has a way to it', () => {
  expect(new Set(proxied.map(({ to }) => to))).toEqual(new Set(upstreamNames));
});
