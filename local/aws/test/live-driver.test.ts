import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { driveLive } from '../live-driver.ts';

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

  test('does nothing more once it has ended', () => {
    const work = workDueAt(100);
    const end = driveLive(work, now, fail);
    end();
    work.add(150);
    jest.advanceTimersByTime(1000);
    expect(work.advanced).toEqual([]);
  });
});
