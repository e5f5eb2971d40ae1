import { expect, test } from '@jest/globals';
import { faultsOf, playOutboxKills } from './outbox-kills.ts';
import { failPoints } from './outbox-trap.ts';

test('40 kills at the five fail points of the outbox lose nothing, and each event has its effect once', async () => {
  const outcome = await playOutboxKills(40, 7);
  for (const point of failPoints) expect(outcome.kills[point]).toBeGreaterThan(2);
  expect(Object.values(outcome.kills).reduce((sum, count) => sum + count)).toBe(40);
  expect(outcome.committed.length).toBeGreaterThan(80);
  expect(faultsOf(outcome)).toEqual([]);
});
