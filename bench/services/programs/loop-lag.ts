import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createPasswords } from '../../../services/identity/passwords.ts';

const resolutionMs = 5;

/** How late the event loop is, at the 99th percentile, while identity hashes twelve passwords at once, in milliseconds. */
export async function worstLagMs(): Promise<number> {
  const passwords = createPasswords(2);
  await passwords.hash('warm up');
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(Array.from({ length: 12 }, (_, index) => passwords.hash(`password ${index}`)));
  }
  delay.disable();
  // The histogram holds the time between two looks: what is above the resolution is lag.
  return delay.percentile(99) / 1e6 - resolutionMs;
}
