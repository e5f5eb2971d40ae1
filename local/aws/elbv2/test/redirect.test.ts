import type { RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from '@jest/globals';
import { redirectLocation } from '../proxy/redirect.ts';

const from = {
  request: { host: 'shop.test', path: '/old/cart', query: 'a=1&b=2' },
  protocol: 'http' as const,
  listenerPort: 8080,
  realPort: (asked: number) => (asked === 443 ? 34567 : asked),
};

describe('a redirect goes to', () => {
  test.each<[string, Partial<RedirectActionConfig>, string]>([
    [
      'the same place over TLS, at the real port of that listener',
      { Protocol: 'HTTPS', Port: '443' },
      'https://shop.test:34567/old/cart?a=1&b=2',
    ],
    ['a port that no listener has', { Port: '9999' }, 'http://shop.test:9999/old/cart?a=1&b=2'],
    ['another host below it', { Host: 'www.#{host}' }, 'http://www.shop.test:8080/old/cart?a=1&b=2'],
    ['a path around the old one', { Path: '/new/#{path}' }, 'http://shop.test:8080/new/old/cart?a=1&b=2'],
    [
      'a query around the old one',
      { Path: '/x', Query: '#{query}&from=#{host}' },
      'http://shop.test:8080/x?a=1&b=2&from=shop.test',
    ],
    ['no query at all', { Path: '/x', Query: '' }, 'http://shop.test:8080/x'],
    [
      'a path of protocol and port',
      { Path: '/#{protocol}/#{port}' },
      'http://shop.test:8080/http/8080?a=1&b=2',
    ],
  ])('%s', (_title, config, expected) => {
    expect(redirectLocation({ StatusCode: 'HTTP_301', ...config }, from)).toBe(expected);
  });
});
