import { describe, expect, it } from '@jest/globals';
import { decideTaskHealth, taskHealthStatus } from '../../engine/decide-task-health.ts';
import type { ContainerRecord } from '../../engine/state.ts';
import { timingsFor } from '../../engine/timings.ts';
import type { TargetHealthView } from '../../target-groups.ts';
import { containerRecord, taskRecord } from './records.ts';

const TARGET = { id: '10.0.0.4', port: 8000, targetGroupArn: 'arn:group' };
const checked = (health: ContainerRecord['health'], essential = true) =>
  containerRecord({ hasHealthCheck: true, health, essential });
const NONE: ContainerRecord[] = [containerRecord()];

function judge(
  containers: ContainerRecord[],
  states: TargetHealthView['state'][],
  { now = 0, graceMs = 0, timeScale = 1 } = {},
) {
  const task = taskRecord({ startedAt: 0, containers, targets: states.map(() => TARGET) });
  const targets = states.map((state) => ({ state }));
  return decideTaskHealth(task, targets, graceMs, now, timingsFor(timeScale));
}

describe('the health of a running task', () => {
  it('without any check comes 40 seconds after RUNNING', () => {
    expect(judge(NONE, [], { now: 39_999 })).toEqual({ verdict: 'waiting', dueAt: 40_000 });
    expect(judge(NONE, [], { now: 40_000 })).toEqual({ verdict: 'healthy' });
  });

  it('without any check comes sooner on a shorter time scale', () => {
    expect(judge(NONE, [], { timeScale: 0.1 })).toEqual({ verdict: 'waiting', dueAt: 4000 });
  });

  it.each<[string, ContainerRecord[], TargetHealthView['state'][], string]>([
    ['follows the container where there is no target', [checked('HEALTHY')], [], 'healthy'],
    ['waits for the container', [checked('UNKNOWN')], [], 'waiting'],
    ['is unhealthy with the container', [checked('UNHEALTHY')], [], 'unhealthy'],
    ['follows the target where there is no check', NONE, ['healthy'], 'healthy'],
    ['waits for the target', NONE, ['initial'], 'waiting'],
    ['is unhealthy with the target', NONE, ['unhealthy'], 'unhealthy'],
    ['needs both, the target included', [checked('HEALTHY')], ['initial'], 'waiting'],
    ['needs both, the container included', [checked('UNKNOWN')], ['healthy'], 'waiting'],
    ['needs every target', NONE, ['healthy', 'initial'], 'waiting'],
    ['takes one unhealthy target as enough', NONE, ['healthy', 'unhealthy'], 'unhealthy'],
    ['is not healthy on a target group nobody uses', NONE, ['unused'], 'waiting'],
    [
      'does not look at containers that are not essential',
      [checked('HEALTHY'), checked('UNHEALTHY', false)],
      [],
      'healthy',
    ],
    [
      'does not wait for an essential container without a check',
      [checked('HEALTHY'), containerRecord()],
      [],
      'healthy',
    ],
  ])('%s', (_title, containers, states, expected) => {
    expect(judge(containers, states).verdict).toBe(expected);
  });

  it.each([
    ['container', [checked('UNHEALTHY')], []],
    ['target', NONE, ['unhealthy' as const]],
  ])('is never unhealthy by its %s within the grace period', (_kind, containers, states) => {
    expect(judge(containers, states, { graceMs: 5000, now: 4999 })).toEqual({
      verdict: 'waiting',
      dueAt: 5000,
    });
    expect(judge(containers, states, { graceMs: 5000, now: 5000 }).verdict).toBe('unhealthy');
  });
});

describe('the health status of a task', () => {
  it.each<[string, ContainerRecord[]]>([
    ['UNKNOWN', NONE],
    ['UNKNOWN', [checked('HEALTHY'), checked('UNKNOWN')]],
    ['UNHEALTHY', [checked('UNKNOWN'), checked('UNHEALTHY')]],
    ['HEALTHY', [checked('HEALTHY'), checked('UNHEALTHY', false)]],
  ])('is %s', (expected, containers) => {
    expect(taskHealthStatus(taskRecord({ containers }))).toBe(expected);
  });
});
