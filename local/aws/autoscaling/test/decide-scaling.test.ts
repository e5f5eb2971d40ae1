import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decideScaling,
  type LastScaling,
  type PolicyStanding,
  type ScalingDecision,
  type ScalingSituation,
} from '../engine/decide-scaling.ts';

const NOW = 1_000_000;
const COOLDOWN_MS = 300_000;

function policy(change: Partial<PolicyStanding> & { alarms?: 'high' | 'low' } = {}): PolicyStanding {
  const { alarms, ...rest } = change;
  return {
    name: 'cpu',
    targetValue: 50,
    metric: 50,
    out: { alarm: 'High', state: alarms === 'high' ? 'ALARM' : 'OK' },
    in: { alarm: 'Low', state: alarms === 'low' ? 'ALARM' : 'OK' },
    outCooldownMs: COOLDOWN_MS,
    inCooldownMs: COOLDOWN_MS,
    ...rest,
  };
}

const high = (metric: number, name = 'cpu') => policy({ alarms: 'high', metric, name });
const low = (metric: number, name = 'cpu') => policy({ alarms: 'low', metric, name });

function situation(tasks: number, policies: PolicyStanding[], change: Partial<ScalingSituation> = {}) {
  return {
    now: NOW,
    count: { desiredCount: tasks, runningCount: tasks, pendingCount: 0, isDeploying: false },
    minCapacity: 1,
    maxCapacity: 20,
    isInSuspended: false,
    isOutSuspended: false,
    policies,
    lastScaling: undefined,
    ...change,
  };
}

const last = (change: Partial<LastScaling>): LastScaling => ({
  direction: 'out',
  from: 2,
  to: 4,
  doneAt: NOW - 60_000,
  ...change,
});

const counts = (desiredCount: number, runningCount: number, isDeploying = false) => ({
  count: { desiredCount, runningCount, pendingCount: 0, isDeploying },
});

/** `out to 4 by cpu`, the reason's code, or `nothing`. */
function render(decision: ScalingDecision): string {
  if (decision.kind === 'scale')
    return `${decision.direction} to ${decision.desiredCount} by ${decision.policyName}`;
  return decision.kind === 'nothing' ? 'nothing' : String(decision.reasons[0]?.Code);
}

describe('target tracking', () => {
  test.each<[string, ScalingSituation, string]>([
    ['does nothing while no alarm says so', situation(4, [policy({ metric: 90 })]), 'nothing'],
    ['scales out in proportion, rounded up', situation(4, [high(66)]), 'out to 6 by cpu'],
    ['scales in in proportion, rounded up', situation(10, [low(21)]), 'in to 5 by cpu'],
    [
      'starts from the tasks that run, not from those that are wanted',
      situation(4, [high(100)], counts(4, 3)),
      'out to 6 by cpu',
    ],
    [
      'does not lower the desired count while it scales out',
      situation(4, [high(100)], counts(8, 3)),
      'AlreadyAtDesiredCapacity',
    ],
    ['stops at the maximum', situation(10, [high(400)]), 'out to 20 by cpu'],
    ['says that it is at the maximum', situation(20, [high(400)]), 'AlreadyAtMaxCapacity'],
    ['stops at the minimum', situation(3, [low(0)]), 'in to 1 by cpu'],
    ['says that it is at the minimum', situation(1, [low(0)]), 'AlreadyAtMinCapacity'],
    [
      'begins with one task where none runs, after one datapoint',
      situation(0, [policy({ metric: 400 })], { minCapacity: 0 }),
      'out to 1 by cpu',
    ],
    [
      'begins with the minimum where none runs',
      situation(0, [policy({ metric: 400 })], { minCapacity: 3 }),
      'out to 3 by cpu',
    ],
    [
      'scales in to none where the minimum is 0',
      situation(2, [low(0)], { minCapacity: 0 }),
      'in to 0 by cpu',
    ],
    [
      'lifts a desired count below the minimum when it scales out',
      situation(1, [high(55)], { minCapacity: 4 }),
      'out to 4 by cpu',
    ],
    [
      'leaves a desired count below the minimum when it scales in',
      situation(2, [low(5)], { minCapacity: 4 }),
      'AlreadyAtMinCapacity',
    ],
    [
      'leaves a desired count above the maximum when it scales out',
      situation(30, [high(90)]),
      'AlreadyAtMaxCapacity',
    ],
    [
      'takes a desired count above the maximum down to it, if not further, when it scales in',
      situation(10, [low(35)], { maxCapacity: 3 }),
      'in to 3 by cpu',
    ],
    [
      'does not scale in while a deployment is under way',
      situation(10, [low(5)], counts(10, 10, true)),
      'TargetServicePutResourceAsUnscalable',
    ],
    [
      'scales out while a deployment is under way',
      situation(2, [high(100)], counts(2, 2, true)),
      'out to 4 by cpu',
    ],
    [
      'does not scale in while that is suspended',
      situation(10, [low(5)], { isInSuspended: true }),
      'nothing',
    ],
    [
      'scales out while scaling in is suspended',
      situation(2, [high(100)], { isInSuspended: true }),
      'out to 4 by cpu',
    ],
    [
      'does not scale out while that is suspended',
      situation(2, [high(100)], { isOutSuspended: true }),
      'nothing',
    ],
    [
      'scales in while scaling out is suspended',
      situation(10, [low(5)], { isOutSuspended: true }),
      'in to 1 by cpu',
    ],
    [
      'takes the largest count of several policies that scale out',
      situation(4, [high(60), high(100, 'memory')]),
      'out to 8 by memory',
    ],
    [
      'scales out by one policy though another would scale in',
      situation(4, [high(60), low(5, 'memory')]),
      'out to 5 by cpu',
    ],
    [
      'does not scale in while one of several policies has no reason to',
      situation(10, [low(5), policy({ name: 'memory' })]),
      'nothing',
    ],
    [
      'scales in by all policies to the largest count',
      situation(10, [low(5), low(20, 'memory')]),
      'in to 4 by memory',
    ],
    [
      'does not wait for a policy that never scales in',
      situation(10, [low(5), policy({ name: 'memory', in: undefined })]),
      'in to 1 by cpu',
    ],
    [
      'does not scale in by policies that never do',
      situation(10, [policy({ in: undefined, metric: 1 })]),
      'nothing',
    ],
    [
      'counts what it added last as part of what it adds while it cools down',
      situation(4, [high(100)], { lastScaling: last({}) }),
      'AlreadyAtDesiredCapacity',
    ],
    [
      'adds more while it cools down when more is asked for',
      situation(4, [high(150)], { lastScaling: last({}) }),
      'out to 6 by cpu',
    ],
    [
      'starts anew once it has cooled down',
      situation(4, [high(100)], { lastScaling: last({ doneAt: NOW - COOLDOWN_MS }) }),
      'out to 8 by cpu',
    ],
    [
      'cools down for as long as the last tasks do not run',
      situation(4, [high(100)], { lastScaling: last({ doneAt: undefined }), ...counts(4, 3) }),
      'AlreadyAtDesiredCapacity',
    ],
    [
      'does not scale in again while it cools down from that',
      situation(10, [low(5)], { lastScaling: last({ direction: 'in' }) }),
      'nothing',
    ],
    [
      'scales in again once it has cooled down',
      situation(10, [low(5)], { lastScaling: last({ direction: 'in', doneAt: NOW - COOLDOWN_MS }) }),
      'in to 1 by cpu',
    ],
    [
      'scales out at once after it has scaled in',
      situation(4, [high(100)], { lastScaling: last({ direction: 'in' }) }),
      'out to 8 by cpu',
    ],
  ])('%s', (_rule, given, expected) => {
    expect(render(decideScaling(given))).toBe(expected);
  });

  test('never leaves the bounds, and moves only the way an alarm says', () => {
    const alarm = fc.constantFrom('high', 'low', undefined);
    const standing = fc
      .record({
        alarms: alarm,
        metric: fc.double({ min: 0, max: 500, noNaN: true }),
        name: fc.constantFrom('a', 'b'),
      })
      .map(({ alarms, ...rest }) => policy({ ...rest, ...(alarms && { alarms }) }));
    const given = fc.record({
      tasks: fc.nat(30),
      running: fc.nat(30),
      min: fc.nat(10),
      room: fc.nat(20),
      isDeploying: fc.boolean(),
      policies: fc.array(standing, { minLength: 1, maxLength: 3 }),
      lastScaling: fc.option(
        fc.record({
          direction: fc.constantFrom('in' as const, 'out' as const),
          from: fc.nat(20),
          to: fc.nat(20),
          doneAt: fc.option(fc.integer({ min: 0, max: NOW }), { nil: undefined }),
        }),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(given, ({ tasks, running, min, room, isDeploying, policies, lastScaling }) => {
        const bounds = { minCapacity: min, maxCapacity: min + room };
        const decision = decideScaling(
          situation(tasks, policies, { ...counts(tasks, running, isDeploying), ...bounds, lastScaling }),
        );
        if (decision.kind !== 'scale') return;
        expect(decision.desiredCount).toBeGreaterThanOrEqual(min);
        expect(decision.desiredCount).toBeLessThanOrEqual(min + room);
        if (decision.direction === 'in') {
          expect(decision.desiredCount).toBeLessThan(tasks);
          expect(isDeploying).toBe(false);
          expect(policies.every((each) => each.in?.state === 'ALARM')).toBe(true);
        } else {
          expect(decision.desiredCount).toBeGreaterThan(tasks);
          expect(policies.some((each) => each.out?.state === 'ALARM' || running === 0)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
