import { expect, test } from '@jest/globals';
import { createManualClock } from '../../test/doubles/manual-clock.ts';
import { createLoop } from '../loop.ts';

test('a loop goes on at once while there is more, pauses when there is not, and longer after a fault', async () => {
  const clock = createManualClock();
  const turns: (boolean | Error)[] = [true, true, false, new Error('away'), false];
  const faults: unknown[] = [];
  const loop = createLoop({
    clock,
    turn: async () => {
      const next = turns.shift() ?? false;
      if (next instanceof Error) throw next;
      return next;
    },
    pauseMs: 100,
    faultPauseMs: 1_000,
    onFault: (error) => faults.push(error),
  });
  loop.start();
  await clock.advance(0);
  expect(turns).toHaveLength(2);
  await clock.advance(100);
  expect(faults).toHaveLength(1);
  await clock.advance(999);
  expect(turns).toHaveLength(1);
  loop.wake();
  await clock.advance(0);
  expect(turns).toHaveLength(0);
  await loop.stop();
  expect(clock.sleeping()).toBe(0);
});
