import { describe, expect, test } from '@jest/globals';
import { assembleCause, isFailing, selectTroubleEvents } from '../../src/decide/failure-cause.ts';
import { deploymentReading, serviceReading, T0 } from './readings.ts';

const event = (message: string, at = T0 + 1_000) => ({ id: message, createdAt: at, message });
const unhealthy =
  '(service email-api) (task 1) (port 8000) is unhealthy in (target-group tg) due to (reason Health checks failed with these codes: [500])';

describe('the cause of a failure', () => {
  test('keeps the events that tell of trouble since the deployment began, newest first', () => {
    const events = [
      event('(service email-api) (deployment ecs-svc/1) deployment failed: tasks failed to start.'),
      event('(service email-api) has started 1 tasks: (task 1).'),
      event(unhealthy),
      event('(service email-api) was unable to place a task.', T0 - 1),
    ];
    expect(selectTroubleEvents(serviceReading({ events }), T0).map(({ id }) => id)).toEqual([
      events[0]?.id,
      events[2]?.id,
    ]);
  });

  test('names the load balancer’s reason', () => {
    const cause = assembleCause(
      deploymentReading(),
      undefined,
      serviceReading({ events: [event(unhealthy)] }),
    );
    expect(cause.targetHealth).toBe('Health checks failed with these codes: [500]');
  });

  test('names the triggered alarms and the breaker’s count', () => {
    const reading = deploymentReading({
      breaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 },
      alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['errors'] },
    });
    expect(assembleCause(reading, undefined, undefined)).toMatchObject({
      breaker: { failureCount: 3, threshold: 3 },
      alarmNames: ['errors'],
    });
  });

  test.each([
    ['IN_PROGRESS', 'MONITORING', false],
    ['IN_PROGRESS', 'TRIGGERED', true],
    ['ROLLBACK_IN_PROGRESS', 'DISABLED', true],
    ['ROLLBACK_SUCCESSFUL', 'DISABLED', true],
    ['STOPPED', 'MONITORING', false],
    ['SUCCESSFUL', 'MONITORING_COMPLETE', false],
  ])('is looked up at %s with the breaker %s: %s', (status, breaker, expected) => {
    const reading = deploymentReading({
      status,
      breaker: { status: breaker, failureCount: 0, threshold: 3 },
    });
    expect(isFailing(reading)).toBe(expected);
  });
});
