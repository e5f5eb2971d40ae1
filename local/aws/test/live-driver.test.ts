import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createEcs } from '../ecs/ecs.ts';
import { createScriptedTargetGroups } from '../ecs/runtime/scripted-target-groups.ts';
import type { TaskRuntime } from '../ecs/runtime/task-runtime.ts';
import { driveLive } from '../live-driver.ts';
import { createSeededRandom } from '../seeded-random.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Work that is due at the given times and notes when it was advanced. */
function workDueAt(...dueAt: number[]) {
  const advanced: number[] = [];
  let changed = (): void => undefined;
  return {
    advanced,
    add: (at: number) => {
      dueAt.push(at);
      changed();
    },
    advance(now: number) {
      advanced.push(now);
      dueAt = dueAt.filter((at) => at > now);
    },
    nextDueAt: () => (dueAt.length > 0 ? Math.min(...dueAt) : undefined),
    onChange: (listener: () => void) => {
      changed = listener;
    },
  };
}

const now = () => Date.now();
const fail = (error: unknown) => {
  throw error;
};

/** An ECS in real time whose runtime throws at the n-th task it is to start, and what else it has started. */
function ecsThatBreaksAtTask(nth: number) {
  const started: string[] = [];
  let starts = 0;
  const runtime: TaskRuntime = {
    start({ taskArn }) {
      starts += 1;
      if (starts === nth) throw new Error(`odd state of task ${starts}`);
      started.push(taskArn);
    },
    stop: () => undefined,
    setReporter: () => undefined,
    dispose: async () => undefined,
  };
  const ecs = createEcs({
    clock: { now },
    runtime,
    targetGroups: createScriptedTargetGroups(() => [], { startsAt: 0, timeScale: 1 }),
    images: { resolve: async () => undefined },
    random: createSeededRandom(),
  });
  const caller = { accountId: '123456789012', accessKeyId: '123456789012', region: 'us-east-1', now: 0 };
  ecs.handlers.CreateCluster?.({ clusterName: 'shop' }, caller);
  const containerDefinitions = [{ name: 'app', image: 'app', memory: 128 }];
  ecs.handlers.RegisterTaskDefinition?.({ family: 'app', containerDefinitions }, caller);
  /** Runs one task and gives its ARN. */
  const run = () => {
    const answer = ecs.handlers.RunTask?.({ cluster: 'shop', taskDefinition: 'app' }, caller);
    if (!answer || answer instanceof Promise) throw new Error('RunTask answers at once');
    return answer.tasks?.[0]?.taskArn ?? '';
  };
  return { ecs, run, started };
}

describe('driveLive', () => {
  test('advances its work when that is due and not before', () => {
    const work = workDueAt(1000, 2500);
    driveLive(work, now, fail);
    jest.advanceTimersByTime(999);
    expect(work.advanced).toEqual([]);
    jest.advanceTimersByTime(5000);
    expect(work.advanced).toEqual([1000, 2500]);
  });

  test('takes up what becomes due sooner than expected', () => {
    const work = workDueAt(1000);
    driveLive(work, now, fail);
    work.add(200);
    jest.advanceTimersByTime(1000);
    expect(work.advanced).toEqual([200, 1000]);
  });

  test('goes on after an error of its work, and tells it', () => {
    const work = workDueAt(100, 200);
    const told: unknown[] = [];
    const { advance } = work;
    work.advance = (at) => {
      advance(at);
      if (at === 100) throw new Error('odd state');
    };
    driveLive(work, now, (error) => told.push(error));
    jest.advanceTimersByTime(300);
    expect(work.advanced).toEqual([100, 200]);
    expect(told).toEqual([new Error('odd state')]);
  });

  test('tries again, a second later and not at once, what broke and is still due', () => {
    const work = workDueAt(100);
    let left = 3;
    const tries: number[] = [];
    const { advance } = work;
    work.advance = (at) => {
      tries.push(at);
      left -= 1;
      if (left > 0) throw new Error('not yet');
      advance(at);
    };
    driveLive(work, now, () => undefined);
    jest.advanceTimersByTime(10_000);
    expect(tries).toEqual([100, 1100, 2100]);
  });

  test('drives an ECS on when one of its tasks breaks the scheduler', () => {
    const { ecs, run, started } = ecsThatBreaksAtTask(1);
    const told: string[] = [];
    driveLive(ecs, now, (error) => told.push(String(error)));
    const [, second] = [run(), run()];
    jest.advanceTimersByTime(1000);
    expect(started).toEqual([second]);
    const third = run();
    jest.advanceTimersByTime(1000);
    expect(started).toEqual([second, third]);
    expect(told).toEqual(['Error: odd state of task 1']);
  });

  test('does nothing more once it has ended', () => {
    const work = workDueAt(100);
    const end = driveLive(work, now, fail);
    end();
    work.add(150);
    jest.advanceTimersByTime(1000);
    expect(work.advanced).toEqual([]);
  });
});
