import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createManualClock } from '../../test/doubles/manual-clock.ts';
import { createPingBudget } from '../ping-budget.ts';

test('gives a minute at once, then what time brings, to each driver apart', async () => {
  const clock = createManualClock();
  const budget = createPingBudget({ perMinute: 120, clock });
  expect(budget.take('a', 100)).toBe(true);
  expect(budget.take('a', 21)).toBe(false);
  expect(budget.take('a', 20)).toBe(true);
  expect(budget.take('a', 1)).toBe(false);
  expect(budget.take('b', 120)).toBe(true);
  await clock.advance(500);
  expect(budget.take('a', 1)).toBe(true);
  expect(budget.take('a', 1)).toBe(false);
  await clock.advance(3_600_000);
  expect(budget.take('a', 121)).toBe(false);
  expect(budget.take('a', 120)).toBe(true);
});

test('never gives more than a minute and what time brought', () => {
  const step = fc.record({ wait: fc.nat(5_000), count: fc.integer({ min: 1, max: 100 }) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let now = 0;
      const budget = createPingBudget({
        perMinute: 100,
        clock: { now: () => now, sleep: async () => undefined },
      });
      let given = 0;
      for (const { wait, count } of steps) {
        now += wait;
        if (budget.take('a', count)) given += count;
      }
      expect(given).toBeLessThanOrEqual(100 + (now * 100) / 60_000 + 1e-6);
    }),
  );
});
