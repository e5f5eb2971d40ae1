import { describe, expect, test } from '@jest/globals';
import { calmLimit, isTaken, leastLimit, limitAfter, windowMs } from '../load-limit.ts';

const aboveMs = 10;

test.each<[string, number, Parameters<typeof limitAfter>[1], number]>([
  ['nothing was measured', calmLimit, { windows: 1 }, calmLimit],
  ['somebody waited no longer than allowed', calmLimit, { windows: 1, leastWaitMs: 10 }, calmLimit],
  ['nobody waited less than twice of it', calmLimit, { windows: 1, leastWaitMs: 20 }, 32],
  ['nobody waited less than a hundred times of it', calmLimit, { windows: 1, leastWaitMs: 1_000 }, 32],
  ['nobody waited less than that again', leastLimit + 1, { windows: 1, leastWaitMs: 1_000 }, leastLimit],
  ['somebody waited half of that', 20, { windows: 1, leastWaitMs: 5 }, 21],
  ['somebody waited a little less than allowed', 20, { windows: 1, leastWaitMs: 9 }, 20],
  ['nobody came for a while', 20, { windows: 100 }, calmLimit],
])('the limit when %s', (_when, limit, seen, expected) => {
  expect(limitAfter(limit, seen, aboveMs)).toBeCloseTo(expected);
});

test.each<[string, Parameters<typeof isTaken>[0], boolean]>([
  ['below the limit, whatever waits', { inHand: leastLimit - 1, limit: leastLimit, waitMs: 500 }, true],
  ['at the limit', { inHand: leastLimit, limit: leastLimit, waitMs: 0 }, false],
  ['above it while all is calm', { inHand: 900, limit: calmLimit, waitMs: 50 }, true],
  ['above it while something waits long', { inHand: 64, limit: calmLimit, waitMs: 51 }, false],
  ['above it soon after a queue', { inHand: 60, limit: calmLimit - 5, waitMs: 0 }, false],
])('a request %s', (_which, line, expected) => {
  expect(isTaken(line, aboveMs)).toBe(expected);
});

/** A service that does one thing after the other, each in `workMs`, and answers when others have, after `elsewhereMs`. */
interface Load {
  workMs: number;
  elsewhereMs: number;
  /** Times of arrival, in milliseconds, ascending. */
  arrivals: readonly number[];
}

/** What became of the requests: how long each that was taken lasted, and how many were not. */
function play({ workMs, elsewhereMs, arrivals }: Load): { lasted: number[]; refused: number } {
  const refuseMs = 0.05;
  const lasted: number[] = [];
  let refused = 0;
  let limit = calmLimit;
  let windowBeganAt = 0;
  let leastWaitMs: number | undefined;
  let freeAt = 0;
  let inHand: number[] = [];
  for (const now of arrivals) {
    inHand = inHand.filter((endsAt) => endsAt > now);
    const waitMs = Math.max(0, freeAt - now);
    const windows = Math.floor((now - windowBeganAt) / windowMs);
    if (windows > 0) {
      limit = limitAfter(limit, { windows, ...(leastWaitMs !== undefined && { leastWaitMs }) }, aboveMs);
      [windowBeganAt, leastWaitMs] = [now, undefined];
    }
    leastWaitMs = Math.min(leastWaitMs ?? waitMs, waitMs);
    const taken = isTaken({ inHand: inHand.length, limit, waitMs }, aboveMs);
    freeAt = Math.max(now, freeAt) + (taken ? workMs : refuseMs);
    if (!taken) {
      refused += 1;
      continue;
    }
    inHand.push(freeAt + elsewhereMs);
    lasted.push(freeAt + elsewhereMs - now);
  }
  return { lasted, refused };
}

const every = (ms: number, count: number) => Array.from({ length: count }, (_, index) => index * ms);
const p99 = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;

describe('a service whose work for a request takes 1 ms, and the database 3 ms', () => {
  const own = { workMs: 1, elsewhereMs: 3 };

  test('answers those it takes in at most five times the usual time at three times its capacity', () => {
    const alone = play({ ...own, arrivals: every(20, 500) });
    const { lasted, refused } = play({ ...own, arrivals: every(1 / 3, 60_000) });
    expect(alone.refused).toBe(0);
    expect(p99(lasted)).toBeLessThanOrEqual(5 * p99(alone.lasted));
    // Twenty seconds of work; refusing the rest takes a tenth of it.
    expect(lasted.length).toBeGreaterThan(17_000);
    expect(lasted.length + refused).toBe(60_000);
  });

  test('takes a rush of as many as it may have in hand, and all of a load below its capacity', () => {
    expect(play({ ...own, arrivals: every(0, calmLimit) }).refused).toBe(0);
    expect(play({ ...own, arrivals: every(1.2, 5_000) }).refused).toBe(0);
  });

  test('takes all again soon after a rush has passed', () => {
    const rush = every(1 / 3, 6_000);
    const after = every(2, 1_000).map((at) => 3_000 + at);
    expect(play({ ...own, arrivals: [...rush, ...after] }).refused).toBe(
      play({ ...own, arrivals: rush }).refused,
    );
  });
});

test('who waits for a slow service is no reason to refuse: a thousand in hand that cost nothing are taken', () => {
  expect(play({ workMs: 0.2, elsewhereMs: 5_000, arrivals: every(5, 4_000) }).refused).toBe(0);
});
