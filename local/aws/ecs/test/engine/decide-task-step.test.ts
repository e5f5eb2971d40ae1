import { describe, expect, it } from '@jest/globals';
import { decideTaskStep } from '../../engine/decide-task-step.ts';
import type { ContainerRecord, TaskRecord } from '../../engine/state.ts';
import { timingsFor } from '../../engine/timings.ts';
import { containerRecord, taskRecord } from './records.ts';

const TIMINGS = timingsFor(1);
const started = (at: number): ContainerRecord => containerRecord({ lastStatus: 'RUNNING', startedAt: at });
const ended = containerRecord({ lastStatus: 'STOPPED', startedAt: 0 });
const step = (task: Partial<TaskRecord>, now = 0) => decideTaskStep(taskRecord(task), now, TIMINGS);
const STOP = { desiredStatus: 'STOPPED' } as const;

describe('the ladder of a task', () => {
  it.each<[string, Partial<TaskRecord>, number, object]>([
    ['waits out PROVISIONING', { lastStatus: 'PROVISIONING' }, 0, { dueAt: 200 }],
    ['goes on to PENDING', { lastStatus: 'PROVISIONING' }, 200, { to: 'PENDING' }],
    ['is PENDING until a container starts', { lastStatus: 'PENDING' }, 9e9, {}],
    [
      'is ACTIVATING from its first container on',
      { lastStatus: 'PENDING', containers: [started(5)] },
      5,
      { to: 'ACTIVATING' },
    ],
    [
      'is not RUNNING before a second has passed',
      { lastStatus: 'ACTIVATING', containers: [started(5)] },
      1004,
      { dueAt: 1005 },
    ],
    [
      'is RUNNING once its essential containers have been up for a second',
      { lastStatus: 'ACTIVATING', containers: [started(5)] },
      1005,
      { to: 'RUNNING' },
    ],
    [
      'waits for every essential container',
      { lastStatus: 'ACTIVATING', containers: [started(5), containerRecord()] },
      9e9,
      {},
    ],
    [
      'does not wait for containers that are not essential',
      { lastStatus: 'ACTIVATING', containers: [started(5), containerRecord({ essential: false })] },
      1005,
      { to: 'RUNNING' },
    ],
    ['stays RUNNING while it is wanted', { lastStatus: 'RUNNING' }, 9e9, {}],
    [
      'is DEACTIVATING when it is no longer wanted',
      { lastStatus: 'RUNNING', ...STOP },
      0,
      { to: 'DEACTIVATING' },
    ],
    [
      'drains for its deregistration delay',
      { lastStatus: 'DEACTIVATING', drainMs: 300, ...STOP },
      299,
      { dueAt: 300 },
    ],
    [
      'is STOPPING after the drain',
      { lastStatus: 'DEACTIVATING', drainMs: 300, ...STOP },
      300,
      { to: 'STOPPING' },
    ],
    [
      'drains nothing that is dead',
      { lastStatus: 'DEACTIVATING', drainMs: 300, containers: [ended], ...STOP },
      0,
      { to: 'STOPPING' },
    ],
    ['is STOPPING until nothing of it is left', { lastStatus: 'STOPPING', ...STOP }, 9e9, {}],
    ['then is DEPROVISIONING', { lastStatus: 'STOPPING', gone: true, ...STOP }, 0, { to: 'DEPROVISIONING' }],
    ['and STOPPED', { lastStatus: 'DEPROVISIONING', ...STOP }, 200, { to: 'STOPPED' }],
    ['ends there', { lastStatus: 'STOPPED', ...STOP }, 9e9, {}],
    [
      'skips its containers when they were never asked for',
      { lastStatus: 'PROVISIONING', ...STOP },
      0,
      { to: 'DEPROVISIONING' },
    ],
    ['is STOPPING from PENDING', { lastStatus: 'PENDING', ...STOP }, 0, { to: 'STOPPING' }],
    ['is STOPPING from ACTIVATING', { lastStatus: 'ACTIVATING', ...STOP }, 0, { to: 'STOPPING' }],
  ])('%s', (_title, task, now, expected) => {
    expect(step(task, now)).toEqual(expected);
  });
});
