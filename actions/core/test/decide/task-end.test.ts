import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type EndedContainer, judgeTaskEnd, type TaskEnd } from '../../src/decide/task-end.ts';

const container = (name: string, change: Partial<EndedContainer> = {}): EndedContainer => ({
  name,
  essential: true,
  stoppedByUs: false,
  ...change,
});
const ended = (containers: EndedContainer[], change: Partial<TaskEnd> = {}): TaskEnd => ({
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
  containers,
  stoppedByUs: false,
  ...change,
});
const app = (exitCode?: number) => container('app', exitCode === undefined ? {} : { exitCode });

describe('the end of a one-off task', () => {
  test.each<[string, TaskEnd, boolean, RegExp]>([
    ['the working container ended with 0', ended([app(0)]), true, /^$/],
    ['it ended with another code', ended([app(3)]), false, /app ended with exit code 3 \(a code of/],
    ['it was killed', ended([app(137)]), false, /app ended with exit code 137 \(killed/],
    ['it never ran', ended([app()]), false, /app did not run/],
    [
      'the task did not start',
      ended([app()], { stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: x' }),
      false,
      /the task did not start: CannotPullContainerError: x; container app did not run/,
    ],
    [
      'a person stopped it, and it took that with 0',
      ended([app(0)], { stopCode: 'UserInitiated', stoppedReason: 'by hand' }),
      false,
      /the task was stopped \(UserInitiated: by hand\)/,
    ],
    [
      'Spot took it away',
      ended([app(0)], { stopCode: 'SpotInterruption' }),
      false,
      /was stopped \(SpotInterruption/,
    ],
    [
      'this run stopped it, the work being done',
      ended([app(0), container('web', { exitCode: 1, stoppedByUs: true })], {
        stopCode: 'UserInitiated',
        stoppedByUs: true,
      }),
      true,
      /^$/,
    ],
    [
      'a sidecar was told to stop with it',
      ended([app(0), container('proxy', { exitCode: 143 })]),
      true,
      /^$/,
    ],
    ['a sidecar was killed with it', ended([app(0), container('proxy', { exitCode: 137 })]), true, /^$/],
    [
      'an essential sidecar ran out of memory',
      ended([app(0), container('proxy', { exitCode: 137, reason: 'OutOfMemoryError: killed' })]),
      false,
      /proxy ended with exit code 137 .*OutOfMemoryError/,
    ],
    [
      'an essential sidecar failed',
      ended([app(0), container('proxy', { exitCode: 1 })]),
      false,
      /^container proxy ended with exit code 1 /,
    ],
    [
      'a sidecar failed that is not essential',
      ended([app(0), container('metrics', { exitCode: 1, essential: false })]),
      true,
      /^$/,
    ],
    ['the task lacks the container', ended([container('web', { exitCode: 0 })]), false, /no container app/],
  ])('%s', (_title, end, good, why) => {
    const verdict = judgeTaskEnd(end, 'app');
    expect([verdict.good, verdict.why]).toEqual([good, expect.stringMatching(why)]);
  });

  test('says of every container how it ended and whether that counts', () => {
    const sidecars = [
      container('proxy', { exitCode: 143 }),
      container('m', { exitCode: 2, essential: false }),
    ];
    expect(judgeTaskEnd(ended([app(0), ...sidecars]), 'app').containers).toEqual([
      { name: 'app', good: true, counts: true, text: 'ended with exit code 0' },
      {
        name: 'proxy',
        good: true,
        counts: true,
        text: 'ended with exit code 143 (told to stop (SIGTERM)); it was told to stop at the end',
      },
      {
        name: 'm',
        good: false,
        counts: false,
        text: 'ended with exit code 2 (the program was started wrongly, or a shell built-in failed); it does not count, being not essential',
      },
    ]);
  });

  test('is never good unless the working container ended with 0', () => {
    const anyContainer = fc.record(
      {
        name: fc.constantFrom('app', 'web'),
        essential: fc.boolean(),
        stoppedByUs: fc.boolean(),
        exitCode: fc.integer({ min: 0, max: 255 }),
      },
      { requiredKeys: ['name', 'essential', 'stoppedByUs'] },
    );
    const anyEnd = fc.record({
      containers: fc.array(anyContainer, { maxLength: 3 }),
      stopCode: fc.constantFrom('EssentialContainerExited', 'UserInitiated', 'TaskFailedToStart'),
      stoppedByUs: fc.boolean(),
    });
    fc.assert(
      fc.property(anyEnd, (end) => {
        const { good } = judgeTaskEnd(end, 'app');
        const worked = end.containers.filter(({ name }) => name === 'app');
        if (good) expect(worked.every(({ exitCode }) => exitCode === 0)).toBe(true);
        if (good) expect(worked.length).toBeGreaterThan(0);
      }),
    );
  });
});
