import { expect, test } from '@jest/globals';
import { judgePunctuality } from './missed-intervals.ts';

test.each<[title: string, startedAt: number[], missed: number, latestMs: number]>([
  ['on time', [0, 5000, 10_000], 0, 0],
  ['a little late', [0, 5400, 10_400], 0, 400],
  ['late by almost an interval', [0, 9_999], 0, 4_999],
  ['an interval without one', [0, 10_000], 1, 5_000],
  ['three intervals without one, told out of order', [25_000, 0, 5_000], 3, 15_000],
  ['once', [7], 0, 0],
])('checks that come %s', (_, startedAt, missed, latestMs) => {
  const judged = judgePunctuality([{ subject: 'a', startedAt }], 5000);
  expect(judged).toEqual({ subjects: 1, checks: startedAt.length, missed, latestMs });
});
