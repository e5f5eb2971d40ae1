import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UserError } from '../src/errors.ts';
import { loadManifest } from '../src/load-manifest.ts';

/** A manifest whose only service has these lines. */
const withService = (service: string): string => `version: 1\nservices:\n  api: ${service}\n`;
const load = (service: string) => loadManifest(withService(service), 'berth.yaml').services.api;
const strategyOf = (entry: string) => load(`{ strategy: ${entry} }`)?.strategy;

const faultsOf = (service: string): string[] => {
  try {
    load(service);
  } catch (error) {
    if (error instanceof UserError) return error.message.split('\n').slice(1);
    throw error;
  }
  return [];
};

describe('the strategy of a service', () => {
  test.each(['rolling', 'blue-green', 'linear', 'canary'])('is the word %s', (word) => {
    expect(strategyOf(word)).toEqual({ type: word });
  });

  test.each([
    [
      '{ type: rolling, minimum-healthy-percent: 50, maximum-percent: 150, circuit-breaker: true }',
      {
        type: 'rolling',
        minimumHealthyPercent: 50,
        maximumPercent: 150,
        circuitBreaker: { enable: true },
      },
    ],
    [
      '{ type: rolling, circuit-breaker: { rollback: false, count: 5, reset-on-healthy-task: false } }',
      {
        type: 'rolling',
        circuitBreaker: {
          enable: true,
          rollback: false,
          threshold: { type: 'COUNT', value: 5 },
          resetOnHealthyTask: false,
        },
      },
    ],
    [
      '{ type: rolling, circuit-breaker: { percent: 30 } }',
      {
        type: 'rolling',
        circuitBreaker: { enable: true, threshold: { type: 'BOUNDED_PERCENT', value: 30 } },
      },
    ],
    [
      '{ type: blue-green, bake-minutes: 5, alarms: [errors] }',
      { type: 'blue-green', bakeMinutes: 5, alarms: { names: ['errors'], rollback: true } },
    ],
    [
      '{ type: linear, step-percent: 12.5, step-bake-minutes: 2, alarms: { names: [a, b], rollback: false } }',
      {
        type: 'linear',
        stepPercent: 12.5,
        stepBakeMinutes: 2,
        alarms: { names: ['a', 'b'], rollback: false },
      },
    ],
    [
      '{ type: canary, canary-percent: 0.5, canary-bake-minutes: 0, bake-minutes: 1 }',
      { type: 'canary', canaryPercent: 0.5, canaryBakeMinutes: 0, bakeMinutes: 1 },
    ],
    [
      '{ type: canary, hooks: [post-test-traffic-shift, { stage: pre-scale-up, timeout-minutes: 60, on-timeout: continue }] }',
      {
        type: 'canary',
        hooks: [
          { stage: 'POST_TEST_TRAFFIC_SHIFT' },
          { stage: 'PRE_SCALE_UP', timeoutMinutes: 60, onTimeout: 'continue' },
        ],
      },
    ],
    ['{ type: rolling, hooks: [] }', { type: 'rolling', hooks: [] }],
  ])('is the map %s', (entry, expected) => {
    expect(strategyOf(entry)).toEqual(expected);
  });

  test.each([
    ['{ strategy: blue }', /3:20 {2}services\.api\.strategy is "blue": expected rolling, blue-green, linear/],
    ['{ strategy: { bake-minutes: 5 } }', /3:20 {2}services\.api\.strategy needs "type": rolling, /],
    [
      '{ strategy: { type: canary, canary-percnt: 5 } }',
      /3:36 {2}unknown key "canary-percnt" in services\.api\.strategy: did you mean "canary-percent"\?/,
    ],
    [
      '{ strategy: { type: linear, canary-percent: 5 } }',
      /3:52 {2}services\.api\.strategy\.canary-percent belongs to type canary, not to linear/,
    ],
    [
      '{ strategy: { type: rolling, bake-minutes: 5 } }',
      /strategy\.bake-minutes belongs to the types blue-green, linear, canary, not to rolling/,
    ],
    [
      '{ strategy: { type: blue-green, circuit-breaker: true } }',
      /strategy\.circuit-breaker belongs to type rolling, not to blue-green/,
    ],
    ['{ strategy: { type: linear, step-percent: 2 } }', /step-percent is 2: expected a number from 3 to 100/],
    ['{ strategy: { type: linear, step-percent: 5.55 } }', /3:50 {2}.*5\.55: expected a multiple of 0\.1/],
    ['{ strategy: { type: canary, bake-minutes: 1441 } }', /is 1441: expected whole minutes from 0 to 1440/],
    [
      '{ strategy: { type: rolling, minimum-healthy-percent: 100, maximum-percent: 100 } }',
      /maximum-percent is 100 and minimum-healthy-percent 100: no task could be replaced/,
    ],
    ['{ strategy: { type: rolling, minimum-healthy-percent: 33.3 } }', /33\.3: expected a whole number/],
    [
      '{ strategy: { type: rolling, circuit-breaker: { count: 3, percent: 50 } } }',
      /circuit-breaker has count and percent: write one/,
    ],
    ['{ strategy: { type: rolling, circuit-breaker: 3 } }', /circuit-breaker is 3: expected true, false, or/],
    ['{ strategy: { type: canary, alarms: [] } }', /alarms is a list of 0: expected a list of alarm names/],
    [
      '{ strategy: { type: canary, hooks: [test-traffic-shift] } }',
      /3:44 {2}services\.api\.strategy\.hooks\[0\] is "test-traffic-shift": expected a stage: reconcile-service/,
    ],
    [
      '{ strategy: { type: canary, hooks: [pre-scale-up, { stage: pre-scale-up }] } }',
      /hooks\[1\] pauses at pre-scale-up a second time/,
    ],
    [
      '{ strategy: { type: rolling, hooks: [post-production-traffic-shift] } }',
      /a rolling deployment pauses only at pre-scale-up or post-scale-up/,
    ],
    [
      '{ strategy: { type: canary, hooks: [{ stage: pre-scale-up, timeout-minutes: 0 }] } }',
      /timeout-minutes is 0: expected whole minutes from 1 to 20160/,
    ],
    [
      '{ strategy: { type: canary, hooks: [{ stage: pre-scale-up, on-timeout: stop }] } }',
      /on-timeout is "stop": expected "rollback" or "continue"/,
    ],
  ])('refuses %s with its place', (service, expected) => {
    expect(faultsOf(service).join('\n')).toMatch(expected);
  });

  test('never throws anything but a UserError, whatever is written there', () => {
    const entry = fc.record(
      {
        type: fc.oneof(fc.constantFrom('rolling', 'canary', 'linear'), fc.jsonValue()),
        hooks: fc.jsonValue(),
        'circuit-breaker': fc.jsonValue(),
        'step-percent': fc.jsonValue(),
        alarms: fc.jsonValue(),
        'maximum-percent': fc.jsonValue(),
        'minimum-healthy-percent': fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(entry, fc.jsonValue()), (strategy) => {
        expect(() => faultsOf(JSON.stringify({ strategy }))).not.toThrow();
      }),
    );
  });
});

describe('the migration of a service', () => {
  test('runs in the service’s own container for a quarter of an hour, unless told otherwise', () => {
    expect(load('{ container: app, migrate: { command: [node, migrate.js] } }')?.migrate).toEqual({
      command: ['node', 'migrate.js'],
      container: 'app',
      environment: {},
      timeoutMinutes: 15,
    });
    const migrate = '{ command: [up], container: flyway, environment: { MODE: all }, timeout-minutes: 90 }';
    expect(load(`{ migrate: ${migrate} }`)?.migrate).toEqual({
      command: ['up'],
      container: 'flyway',
      environment: { MODE: 'all' },
      timeoutMinutes: 90,
    });
  });

  test.each([
    ['{ migrate: {} }', /3:19 {2}services\.api\.migrate needs "command": a list of words, like/],
    ['{ migrate: { command: node migrate.js } }', /command is "node migrate\.js": expected a list of words/],
    ['{ migrate: { command: [] } }', /command is a list of 0: expected a list of words/],
    ['{ migrate: { command: [a, 1] } }', /command\[1\] is 1: expected a text \(put numbers in quotes\)/],
    [
      '{ migrate: { comand: [a] } }',
      /unknown key "comand" in services\.api\.migrate: did you mean "command"/,
    ],
    [
      '{ migrate: { command: [a], timeout-minutes: 0 } }',
      /timeout-minutes is 0: expected whole minutes from 1 to 1440/,
    ],
  ])('refuses %s with its place', (service, expected) => {
    expect(faultsOf(service).join('\n')).toMatch(expected);
  });
});
