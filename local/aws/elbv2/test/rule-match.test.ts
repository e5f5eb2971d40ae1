import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesCondition, matchesPattern, selectActions } from '../proxy/rule-match.ts';
import type { RuleRecord } from '../records.ts';

const path = (...values: string[]) => ({ Field: 'path-pattern', PathPatternConfig: { Values: values } });
const host = (...values: string[]) => ({ Field: 'host-header', Values: values });
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

describe('a rule', () => {
  test.each([
    ['one of several paths', [path('/a', '/b')], true],
    ['a host in other letters', [host('SHOP.example.com')], true],
    ['a host by wildcard', [host('*.example.com')], true],
    ['path and host', [path('/b'), host('shop.*')], true],
    ['a path but not the host', [path('/b'), host('mail.*')], false],
  ])('matches %s: %#', (_name, conditions, expected) => {
    const line = { host: 'shop.example.com', path: '/b' };
    expect(conditions.every((condition) => matchesCondition(condition, line))).toBe(expected);
  });

  test('of the lowest priority wins, whatever the order of making', () => {
    const listener = {
      rules: [rule(30, path('/a*')), rule(10, path('/ab')), rule(20, path('*'))],
      defaultActions: [],
    };
    const status = (wanted: string) =>
      selectActions(listener, { host: '', path: wanted })[0]?.FixedResponseConfig?.StatusCode;
    expect([status('/ab'), status('/a'), status('/x')]).toEqual(['210', '220', '220']);
  });

  test('that does not match leaves the default actions', () => {
    const defaultActions = [{ Type: 'fixed-response' as const }];
    const listener = { rules: [rule(1, path('/a'))], defaultActions };
    expect(selectActions(listener, { host: '', path: '/b' })).toBe(defaultActions);
  });
});
