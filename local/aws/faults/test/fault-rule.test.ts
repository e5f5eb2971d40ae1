import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSeededRandom } from '../../seeded-random.ts';
import { clockSkewFault } from '../clock-skew.ts';
import type { Fault, FaultRule } from '../fault-rule.ts';
import { createFaults } from '../faults.ts';
import { parseFaultRules } from '../parse-rules.ts';

const throttle: Fault = { kind: 'throttle' };
const latency: Fault = { kind: 'latency', ms: 100 };

/** Which of the calls are struck, by a letter of the fault's kind each; `.` for none. */
function story(rules: readonly FaultRule[], calls: readonly string[], seed = 1): string {
  const faults = createFaults(createSeededRandom, rules, seed);
  return calls
    .map((call) => {
      const [service, operation] = call.split(':');
      const struck = faults.next({ service, ...(operation ? { operation } : {}) });
      return struck.map(({ kind }) => kind.charAt(0)).join('') || '.';
    })
    .join(' ');
}

const four = Array<string>(4).fill('ecs:UpdateService');

describe('a fault rule', () => {
  test.each<[string, FaultRule[], string[], string]>([
    ['strikes every call without limits', [{ fault: throttle }], ['ecs:A', 's3', 'sts:B'], 't t t'],
    [
      'strikes only its operation',
      [{ operation: 'A', fault: throttle }],
      ['ecs:A', 'ecs:B', 'ecr:A'],
      't . t',
    ],
    [
      'takes * and ? in the operation',
      [{ operation: 'Describe*', fault: throttle }],
      ['ecs:DescribeTasks', 'ecs:ListTasks'],
      't .',
    ],
    ['strikes only its service', [{ service: 'ecr', fault: throttle }], ['ecs:A', 'ecr:A'], '. t'],
    [
      'by operation strikes no call whose operation is unknown',
      [{ operation: '*', fault: throttle }],
      ['s3', 'ecs:A'],
      '. t',
    ],
    ['is over after its count', [{ count: 2, fault: throttle }], four, 't t . .'],
    ['lets some pass first', [{ skip: 1, count: 1, fault: throttle }], four, '. t . .'],
    [
      'counts only calls it matches',
      [{ operation: 'A', skip: 1, count: 1, fault: throttle }],
      ['ecs:B', 'ecs:A', 'ecs:B', 'ecs:A'],
      '. . . t',
    ],
    ['never strikes with probability 0', [{ probability: 0, fault: throttle }], four, '. . . .'],
    ['always strikes with probability 1', [{ probability: 1, fault: throttle }], four, 't t t t'],
    [
      'acts together with one that does not end the call',
      [{ fault: latency }, { fault: throttle }],
      ['ecs:A'],
      'lt',
    ],
    [
      'hides those behind it when it ends the call',
      [
        { count: 1, fault: throttle },
        { count: 2, fault: throttle },
      ],
      four,
      't t t .',
    ],
    [
      'of a reset hides what is behind it',
      [{ count: 1, fault: { kind: 'reset', when: 'after' } }, { fault: latency }],
      ['ecs:A', 'ecs:A'],
      'r l',
    ],
  ])('%s', (_title, rules, calls, expected) => {
    expect(story(rules, calls)).toBe(expected);
  });

  test('strikes the same calls for the same seed, and others for another', () => {
    const rules: FaultRule[] = [{ probability: 0.5, fault: throttle }];
    const calls = Array<string>(40).fill('ecs:A');
    expect(story(rules, calls, 7)).toBe(story(rules, calls, 7));
    expect(story(rules, calls, 7)).not.toBe(story(rules, calls, 8));
  });

  test('never strikes more than its count, and exactly that where it can', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.nat(60), (skip, more, calls) => {
        const count = more + 1;
        const struck = story([{ skip, count, fault: throttle }], Array<string>(calls).fill('ecs:A'));
        return struck.split('t').length - 1 === Math.max(0, Math.min(count, calls - skip));
      }),
    );
  });

  test('draws a latency within its jitter', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(100), fc.nat(), (ms, jitterMs, seed) => {
        const faults = createFaults(createSeededRandom, [{ fault: { kind: 'latency', ms, jitterMs } }], seed);
        const [fault] = faults.next({});
        return fault?.kind === 'latency' && fault.ms >= ms && fault.ms <= ms + jitterMs;
      }),
    );
  });
});

describe('the body of POST /_berth/faults', () => {
  test('is read as rules and a seed', () => {
    const rules: FaultRule[] = [
      { operation: 'UpdateService', service: 'ecs', skip: 1, count: 2, probability: 0.5, fault: throttle },
      { fault: { kind: 'latency', ms: 5, jitterMs: 5 } },
      { fault: { kind: 'error', status: 503, code: 'Odd', message: 'odd' } },
      { fault: { kind: 'reset', when: 'before' } },
      { fault: { kind: 'stale', ms: 1000 } },
      { fault: { kind: 'clock-offset', ms: -600_000 } },
    ];
    expect(parseFaultRules(JSON.stringify({ seed: 3, rules }))).toEqual({ seed: 3, rules });
  });

  test.each([
    ['{', /^The body is no JSON: /],
    ['[]', /^the body: expected an object$/],
    ['{"rules":{}}', /^rules: expected a list of rules$/],
    ['{"rules":[],"sead":1}', /^the body: unknown key "sead"; known are seed, rules$/],
    ['{"rules":[1]}', /^rules\[0\]: expected an object$/],
    ['{"rules":[{}]}', /^rules\[0\]\.fault: expected an object$/],
    [
      '{"rules":[{"fault":{"kind":"fire"}}]}',
      /^rules\[0\]\.fault\.kind: expected one of latency, throttle, error, reset, stale, clock-offset$/,
    ],
    ['{"rules":[{"fault":{"kind":"toString"}}]}', /^rules\[0\]\.fault\.kind: expected one of/],
    [
      '{"rules":[{"fault":{"kind":"latency"}}]}',
      /^rules\[0\]\.fault\.ms: expected a whole number of at least 0$/,
    ],
    ['{"rules":[{"fault":{"kind":"throttle","ms":1}}]}', /^rules\[0\]\.fault: unknown key "ms"/],
    [
      '{"rules":[{"fault":{"kind":"error","status":404}}]}',
      /^rules\[0\]\.fault\.status: expected 500, 502, 503 or 504$/,
    ],
    ['{"rules":[{"fault":{"kind":"reset"}}]}', /^rules\[0\]\.fault\.when: expected "before" or "after"$/],
    [
      '{"rules":[{"count":0,"fault":{"kind":"throttle"}}]}',
      /^rules\[0\]\.count: expected a whole number of at least 1$/,
    ],
    [
      '{"rules":[{"probability":2,"fault":{"kind":"throttle"}}]}',
      /^rules\[0\]\.probability: expected a number from 0 to 1$/,
    ],
    ['{"rules":[{"operation":"","fault":{"kind":"throttle"}}]}', /^rules\[0\]\.operation: expected a text$/],
  ])('%s is refused', (body, message) => {
    expect(parseFaultRules(body)).toEqual({ refused: expect.stringMatching(message) });
  });
});

describe('a signature', () => {
  const NINE = Date.UTC(2026, 10, 21, 9);
  test.each<[string, string | undefined, number, string | undefined, string | undefined]>([
    ['of five minutes ago is taken', '20261121T085500Z', NINE, 'ecs', undefined],
    ['of five minutes ahead is taken', '20261121T090500Z', NINE, 'ecs', undefined],
    ['without a date is taken', undefined, NINE, 'ecs', undefined],
    [
      'that is older is refused',
      '20261121T085459Z',
      NINE,
      'ecs',
      'InvalidSignatureException: Signature expired: 20261121T085459Z is now earlier than 20261121T085500Z (20261121T090000Z - 5 min.)',
    ],
    [
      'that is further ahead is refused',
      '20261121T090501Z',
      NINE,
      'sts',
      'SignatureDoesNotMatch: Signature not yet current: 20261121T090501Z is still later than 20261121T090500Z (20261121T090000Z + 5 min.)',
    ],
    [
      'is refused by S3 in its own words',
      '20261121T080000Z',
      NINE,
      's3',
      'RequestTimeTooSkewed: The difference between the request time and the current time is too large.',
    ],
  ])('%s', (_title, signedAt, now, service, expected) => {
    const fault = clockSkewFault(signedAt, now, service);
    expect(fault && `${fault.code}: ${fault.message}`).toBe(expected);
  });
});
