import { describe, expect, test } from '@jest/globals';
import type { Expectation, Matcher, Reply } from '../../src/smoke/check.ts';
import { judge } from '../../src/smoke/judge.ts';
import { matchValues } from '../../src/smoke/matcher.ts';

describe('matchValues', () => {
  test.each<[unknown[], Matcher, boolean]>([
    [['ok'], { equals: 'ok' }, true],
    [['ok'], { equals: 'no' }, false],
    [[200], { equals: '200' }, false],
    [[{ a: [1] }], { equals: { a: [1] } }, true],
    [[null], { equals: null }, true],
    [['a', 'a'], { equals: 'a' }, true],
    [['a', 'b'], { equals: 'a' }, false],
    [[], { equals: 'a' }, false],
    [['a'], { not: 'b' }, true],
    [['b'], { not: 'b' }, false],
    [['hello'], { contains: 'ell' }, true],
    [['hello'], { contains: 'x' }, false],
    [[[1, { a: 2 }]], { contains: { a: 2 } }, true],
    [[7], { contains: '7' }, false],
    [['v1.2'], { 'starts-with': 'v1' }, true],
    [['2.1'], { 'starts-with': 'v1' }, false],
    [[5], { 'at-least': 5 }, true],
    [[4], { 'at-least': 5 }, false],
    [['5'], { 'at-least': 5 }, false],
    [[5], { 'at-most': 5 }, true],
    [[6], { 'at-most': 5 }, false],
    [[[1, 2]], { length: 2 }, true],
    [['abc'], { length: 2 }, false],
    [[1], { exists: true }, true],
    [[], { exists: true }, false],
    [[], { exists: false }, true],
    [[undefined], { exists: false }, false],
    [[5], { 'at-least': 1, 'at-most': 4 }, false],
  ])('%j against %j: %p', (values, matcher, holds) => {
    expect(matchValues('x', values, matcher)).toHaveLength(holds ? 0 : 1);
  });

  test('tells what was expected and what was found', () => {
    expect(matchValues('$.s', ['bad'], { equals: 'ok' })).toEqual([
      { what: '$.s', expected: '"ok"', actual: '"bad"' },
    ]);
    expect(matchValues('$.s', [], { contains: 'a' })).toEqual([
      { what: '$.s', expected: 'something that contains "a"', actual: 'nothing' },
    ]);
  });
});

describe('judge', () => {
  const answer = (status: number, body = '', headers: Record<string, string> = {}): Reply => ({
    kind: 'answer',
    status,
    headers,
    body,
  });
  const expectation = (change: Partial<Expectation>): Expectation => ({
    statuses: [],
    json: {},
    headers: {},
    ...change,
  });

  test.each<[string, Reply, Partial<Expectation>, object]>([
    ['any success when no status is named', answer(204), {}, { kind: 'right' }],
    [
      'a redirect when none is named',
      answer(302),
      {},
      { kind: 'wrong', problems: ['status: expected 200 to 299, got 302'] },
    ],
    ['one of the statuses', answer(409), { statuses: [201, 409] }, { kind: 'right' }],
    ['an expected 503', answer(503), { statuses: [503] }, { kind: 'right' }],
    [
      'an unexpected 503',
      answer(503),
      {},
      { kind: 'transient', reached: true, problems: ['status: expected 200 to 299, got 503'] },
    ],
    [
      'a wrong 500',
      answer(500, 'oops'),
      {},
      { kind: 'wrong', problems: ['status: expected 200 to 299, got 500', 'the body was "oops"'] },
    ],
    [
      'right JSON',
      answer(200, '{"a":[{"b":1},{"b":1}]}'),
      { json: { '$.a[*].b': { equals: 1 } } },
      { kind: 'right' },
    ],
    [
      'wrong JSON',
      answer(200, '{"a":2}'),
      { json: { '$.a': { equals: 1 } } },
      { kind: 'wrong', problems: ['$.a: expected 1, got 2', 'the body was "{\\"a\\":2}"'] },
    ],
    [
      'HTML where JSON belongs',
      answer(200, '<p>'),
      { json: { '$.a': { equals: 1 } } },
      { kind: 'wrong', problems: ['body: expected JSON, got "<p>"', 'the body was "<p>"'] },
    ],
    [
      'a missing header',
      answer(200),
      { headers: { etag: { exists: true } } },
      { kind: 'wrong', problems: ['header etag: expected a value, got nothing'] },
    ],
    ['a body', answer(200, 'pong!'), { body: { contains: 'pong' } }, { kind: 'right' }],
    [
      'a wrong body, shown once',
      answer(200, 'ping'),
      { body: { equals: 'pong' } },
      { kind: 'wrong', problems: ['body: expected "pong", got "ping"'] },
    ],
    [
      'silence',
      { kind: 'silent', reason: 'no answer' },
      {},
      { kind: 'transient', reached: true, problems: ['no answer'] },
    ],
    [
      'nobody',
      { kind: 'unreachable', reason: 'refused' },
      {},
      { kind: 'transient', reached: false, problems: ['refused'] },
    ],
  ])('judges %s', (_, reply, change, expected) => {
    expect(judge(reply, expectation(change))).toEqual(expected);
  });
});
