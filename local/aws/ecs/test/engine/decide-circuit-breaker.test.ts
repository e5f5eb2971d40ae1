import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  circuitBreakerThreshold,
  countsForCircuitBreaker,
  isTripped,
  resetsOnHealthyTask,
} from '../../engine/decide-circuit-breaker.ts';

const ON = { enable: true, rollback: true };

describe('the threshold of the circuit breaker', () => {
  it.each([
    [0, 3],
    [1, 3],
    [6, 3],
    [7, 4],
    [25, 13],
    [400, 200],
    [800, 200],
  ])('for %i desired tasks is %i by default', (desiredCount, expected) => {
    expect(circuitBreakerThreshold(ON, desiredCount)).toBe(expected);
  });

  it.each([
    ['BOUNDED_PERCENT', 10, 10, 3],
    ['BOUNDED_PERCENT', 100, 300, 200],
    ['UNBOUNDED_PERCENT', 10, 11, 2],
    ['UNBOUNDED_PERCENT', 100, 300, 300],
    ['COUNT', 1, 50, 1],
    ['COUNT', 7, 1, 7],
  ] as const)('of type %s %i for %i desired tasks is %i', (type, value, desiredCount, expected) => {
    const settings = { ...ON, thresholdConfiguration: { type, value } };
    expect(circuitBreakerThreshold(settings, desiredCount)).toBe(expected);
  });

  it('grows with the desired count and stays within its bounds', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.integer({ min: 1, max: 100 }), (desiredCount, value) => {
        const settings = { ...ON, thresholdConfiguration: { type: 'BOUNDED_PERCENT' as const, value } };
        const threshold = circuitBreakerThreshold(settings, desiredCount);
        expect(threshold).toBeGreaterThanOrEqual(3);
        expect(threshold).toBeLessThanOrEqual(
          Math.min(200, circuitBreakerThreshold(settings, desiredCount + 1)),
        );
      }),
    );
  });
});

describe('the circuit breaker', () => {
  it.each([
    ['counts a task that never ran while none is running', 'never-ran', 0, true],
    ['does not count one once a task is running', 'never-ran', 1, false],
    ['counts failed health checks while a task is running', 'failed-health-checks', 1, true],
  ] as const)('%s', (_title, failure, runningCount, expected) => {
    expect(countsForCircuitBreaker(failure, runningCount)).toBe(expected);
  });

  it('trips at the threshold, and never before something has failed', () => {
    expect([isTripped(2, 3), isTripped(3, 3), isTripped(0, 0)]).toEqual([false, true, false]);
  });

  it('forgives on a healthy task unless told not to', () => {
    expect(resetsOnHealthyTask(ON)).toBe(true);
    expect(resetsOnHealthyTask({ ...ON, resetOnHealthyTask: false })).toBe(false);
  });
});
