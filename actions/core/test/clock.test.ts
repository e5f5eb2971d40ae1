import { expect, test } from '@jest/globals';
import { systemClock } from '../src/clock.ts';

test('wakes at once when the signal is raised, before or during the sleep', async () => {
  const during = new AbortController();
  const sleeping = systemClock.sleep(3_600_000, during.signal);
  during.abort();
  await sleeping;
  await systemClock.sleep(3_600_000, AbortSignal.abort());
  expect(during.signal.aborted).toBe(true);
});
