import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createManualClock, settle } from '../../test/doubles/manual-clock.ts';
import { serveUntil } from '../lifecycle.ts';

/** A service that notes what is asked of it and when. */
function createRig() {
  const clock = createManualClock(0);
  const steps: string[] = [];
  const note = (step: string) => steps.push(`${clock.now()} ${step}`);
  const start = async () => {
    await clock.sleep(100);
    note('started');
    return {
      url: 'http://127.0.0.1:1',
      drainDelayMs: 8_000,
      beginDrain: () => note('draining'),
      close: async () => void note('closed'),
    };
  };
  const stop = new AbortController();
  const ended = serveUntil(stop.signal, start, { clock, log: pino({ level: 'silent' }) });
  return { clock, steps, stop, ended };
}

test('drains, goes on serving for the drain delay, then closes', async () => {
  const { clock, steps, stop, ended } = createRig();
  await clock.advance(1_000);
  stop.abort();
  await settle();
  await clock.advance(8_000);
  await ended;
  expect(steps).toEqual(['100 started', '1000 draining', '9000 closed']);
});

test('a stop during start-up closes as soon as the start has ended', async () => {
  const { clock, steps, stop, ended } = createRig();
  stop.abort();
  await clock.advance(100);
  await ended;
  expect(steps).toEqual(['100 started', '100 draining', '100 closed']);
});
