import type { TaskDefinition, TaskOverride } from '@aws-sdk/client-ecs';
import { expect, test } from '@jest/globals';
import { usageOf } from '../docker-usage.ts';
import { launchOf } from './task-story.ts';

const mebibyte = 1024 * 1024;

/** What a task is told to use whose containers each run half of one processor and fill 64 MiB, for ten seconds. */
function usage(definition: Partial<TaskDefinition>, containers: number, overrides?: TaskOverride) {
  const launch = { ...launchOf([], 'image', definition), ...(overrides ? { overrides } : {}) };
  const before = { at: 5_000, cpuSeconds: 100, memoryBytes: 0 };
  const after = { at: 15_000, cpuSeconds: 105, memoryBytes: 64 * mebibyte };
  const read = usageOf(
    launch,
    Array.from({ length: containers }, () => ({ before, after })),
  );
  return [read.cpuPercentOfReservation, read.memoryPercentOfReservation];
}

const sidecars = [
  { name: 'app', cpu: 768, memory: 512 },
  { name: 'log', cpu: 256, memory: 512, memoryReservation: 128 },
];

test.each<[title: string, read: ReturnType<typeof usage>, expected: (number | undefined)[]]>([
  ["is relative to the task's own size", usage({ cpu: '512', memory: '256' }, 1), [100, 25]],
  ['adds its containers up', usage({ cpu: '1024', memory: '512' }, 2), [100, 25]],
  ['goes above 100 percent of a small reservation', usage({ cpu: '256', memory: '512' }, 1), [200, 12.5]],
  ["falls back to the containers' sizes", usage({ containerDefinitions: sidecars }, 2), [100, 20]],
  [
    "takes an override before the definition's size",
    usage({ cpu: '256', memory: '512' }, 1, { cpu: '1024', memory: '1024' }),
    [50, 6.25],
  ],
  ['is unknown without a reservation', usage({}, 1), [undefined, undefined]],
])('the usage of a task %s', (_, read, expected) => {
  expect(read).toEqual(expected);
});
