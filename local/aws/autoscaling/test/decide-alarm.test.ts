import { describe, expect, test } from '@jest/globals';
import { type AlarmState, decideAlarm } from '../engine/decide-alarm.ts';

const MINUTE = 60_000;
const NOW = 100 * MINUTE;
/** Five periods, the oldest first: `X` breaches, `0` does not, `-` has no data. */
const pointsOf = (range: string) =>
  [...range].flatMap((sign, index) =>
    sign === '-' ? [] : [{ at: NOW - (range.length - 1 - index) * MINUTE, value: sign === 'X' ? 100 : 10 }],
  );

describe('an alarm of three periods', () => {
  // The first six rows are CloudWatch's own table, its column "missing", for 3 out of 3.
  test.each<[string, AlarmState, AlarmState]>([
    ['0-X-X', 'OK', 'OK'],
    ['0----', 'OK', 'OK'],
    ['-----', 'OK', 'INSUFFICIENT_DATA'],
    ['0XX-X', 'OK', 'ALARM'],
    ['--X--', 'OK', 'ALARM'],
    ['XXXXX', 'OK', 'ALARM'],
    ['----X', 'OK', 'OK'],
    ['----X', 'INSUFFICIENT_DATA', 'INSUFFICIENT_DATA'],
    ['---XX', 'OK', 'OK'],
    ['XX0XX', 'ALARM', 'OK'],
  ])('with %s while %s is %s', (range, state, expected) => {
    const rule = { direction: 'out', threshold: 50, evaluationPeriods: 3 } as const;
    expect(decideAlarm(rule, pointsOf(range), { state, now: NOW, periodMs: MINUTE })).toBe(expected);
  });

  test('breaches only beyond its threshold, above it or below it', () => {
    const points = [98, 99, 100].map((minute) => ({ at: minute * MINUTE, value: 50 }));
    const at = { state: 'OK', now: NOW, periodMs: MINUTE } as const;
    for (const direction of ['in', 'out'] as const) {
      const rule = { direction, threshold: 50, evaluationPeriods: 3 };
      expect(decideAlarm(rule, points, at)).toBe('OK');
      expect(decideAlarm({ ...rule, threshold: direction === 'in' ? 51 : 49 }, points, at)).toBe('ALARM');
    }
  });
});
