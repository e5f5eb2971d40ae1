import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RoutedRequest } from '../proxy/routed-request.ts';
import { matchesCondition, matchesPattern, selectActions } from '../proxy/rule-match.ts';
import type { RuleRecord } from '../records.ts';

const path = (...values: string[]) => ({ Field: 'path-pattern', PathPatternConfig: { Values: values } });
const host = (...values: string[]) => ({ Field: 'host-header', Values: values });
const line = (more: Partial<RoutedRequest> = {}): RoutedRequest => ({
  method: 'GET',
  host: 'shop.example.com',
  path: '/b',
  query: '',
  headers: [],
  clientAddress: '127.0.0.1',
  ...more,
});
const rule = (priority: number, ...conditions: RuleRecord['conditions']): RuleRecord => ({
  arn: `rule-${priority}`,
  priority,
  conditions,
  actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: String(200 + priority) } }],
});

describe('a path pattern', () => {
  test.each([
    ['/api/*', '/api/', true],
    ['/api/*', '/api/email', true],
    ['/api/*', '/api', false],
    ['/api/email', '/api/email', true],
    ['/api/email', '/API/email', false],
    ['/img?/*', '/img1/a/b.png', true],
    ['/img?/*', '/img/a', false],
    ['*', '/anything', true],
    ['/a.b', '/axb', false],
    ['/a+(b)', '/a+(b)', true],
    ['*/v2/*', '/shop/v2/carts', true],
  ])('%s against %s: %s', (pattern, text, expected) => {
    expect(matchesPattern(pattern, text)).toBe(expected);
  });

  test('without wildcards matches itself and nothing else', () => {
    const text = fc.string().filter((value) => !/[*?]/.test(value));
    fc.assert(fc.property(text, text, (a, b) => matchesPattern(a, b) === (a === b)));
  });

  test('with a star at the end matches exactly what begins so', () => {
    const text = fc.string().filter((value) => !/[*?]/.test(value));
    fc.assert(fc.property(text, text, (a, b) => matchesPattern(`${a}*`, b) === b.startsWith(a)));
  });
});

const method = (...values: string[]): RuleCondition => ({
  Field: 'http-request-method',
  HttpRequestMethodConfig: { Values: values },
});
const header = (HttpHeaderName: string, ...Values: string[]): RuleCondition => ({
  Field: 'http-header',
  HttpHeaderConfig: { HttpHeaderName, Values },
});
const query = (Value: string, Key?: string): RuleCondition => ({
  Field: 'query-string',
  QueryStringConfig: { Values: [{ ...(Key === undefined ? {} : { Key }), Value }] },
});
const source = (...values: string[]): RuleCondition => ({
  Field: 'source-ip',
  SourceIpConfig: { Values: values },
});
const agent = { headers: ['User-Agent', 'curl/8', 'X-A', 'one', 'x-a', 'two'] };

describe('a condition', () => {
  test.each<[string, RuleCondition, Partial<RoutedRequest>, boolean]>([
    ['one of several methods', method('PUT', 'POST'), { method: 'POST' }, true],
    ['a method in other letters', method('POST'), { method: 'post' }, false],
    ['a header by wildcard and in other letters', header('user-agent', 'CURL/*'), agent, true],
    ['the second of two fields of a name', header('X-a', 'tw?'), agent, true],
    ['a header that is not sent', header('X-B', '*'), agent, false],
    ['a query pair', query('2', 'version'), { query: 'a=1&version=2' }, true],
    ['a query pair in other letters', query('BETA', 'Channel'), { query: 'channel=beta' }, true],
    ['a query pair with another value', query('2', 'version'), { query: 'version=3' }, false],
    ['a query value under any key', query('*bar*'), { query: 'foo=a%20bar' }, true],
    ['a query value that is not there', query('bar'), { query: 'bar=foo' }, false],
    ['an address in a block', source('10.0.0.0/8'), { clientAddress: '10.200.3.4' }, true],
    ['an address outside of all blocks', source('10.0.0.0/8', '192.168.1.0/24'), {}, false],
    ['an IPv4 address in IPv6 spelling', source('127.0.0.0/8'), { clientAddress: '::ffff:127.0.0.1' }, true],
    ['an IPv6 address', source('10.0.0.0/8', '2001:db8::/32'), { clientAddress: '2001:db8::7' }, true],
    [
      'an address that only a header names',
      source('10.0.0.0/8'),
      { headers: ['X-Forwarded-For', '10.0.0.1'] },
      false,
    ],
    ['a field that nobody knows', { Field: 'cookie', Values: ['*'] }, {}, false],
  ])('on %s: %#', (_title, condition, request, expected) => {
    expect(matchesCondition(condition, line(request))).toBe(expected);
  });
});

describe('a rule', () => {
  test.each([
    ['one of several paths', [path('/a', '/b')], true],
    ['a host in other letters', [host('SHOP.example.com')], true],
    ['a host by wildcard', [host('*.example.com')], true],
    ['path and host', [path('/b'), host('shop.*')], true],
    ['a path but not the host', [path('/b'), host('mail.*')], false],
  ])('matches %s: %#', (_name, conditions, expected) => {
    expect(conditions.every((condition) => matchesCondition(condition, line()))).toBe(expected);
  });

  test('of the lowest priority wins, whatever the order of making', () => {
    const listener = {
      rules: [rule(30, path('/a*')), rule(10, path('/ab')), rule(20, path('*'))],
      defaultActions: [],
    };
    const status = (wanted: string) =>
      selectActions(listener, line({ path: wanted }))[0]?.FixedResponseConfig?.StatusCode;
    expect([status('/ab'), status('/a'), status('/x')]).toEqual(['210', '220', '220']);
  });

  test('that does not match leaves the default actions', () => {
    const defaultActions = [{ Type: 'fixed-response' as const }];
    const listener = { rules: [rule(1, path('/a'))], defaultActions };
    expect(selectActions(listener, line())).toBe(defaultActions);
  });
});
