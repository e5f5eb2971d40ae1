import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createManualClock, settle } from '../../test/doubles/manual-clock.ts';
import { repeat } from '../repeat.ts';

const log = pino({ level: 'silent' });

function setUp(answers: (boolean | Error)[]) {
  const clock = createManualClock();
  let runs = 0;
  const work = async () => {
    runs += 1;
    const answer = answers.shift() ?? false;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const repeated = repeat('work', 1_000, work, { clock, log });
  repeated.start();
  return { clock, repeated, runs: () => runs };
}

test('pauses in between, and not while there is more', async () => {
  const { clock, repeated, runs } = setUp([true, true, false]);
  await settle();
  expect(runs()).toBe(3);
  await clock.advance(999);
  expect(runs()).toBe(3);
  await clock.advance(1);
  expect(runs()).toBe(4);
  await repeated.stop();
});

test('begins at once when it is woken, also while it works', async () => {
  const { repeated, runs } = setUp([]);
  repeated.wake();
  await settle();
  expect(runs()).toBe(2);
  repeated.wake();
  await settle();
  expect(runs()).toBe(3);
  await repeated.stop();
});

test('tries again after the pause what failed, and ends when told to', async () => {
  const { clock, repeated, runs } = setUp([new Error('away')]);
  await settle();
  expect(runs()).toBe(1);
  await clock.advance(1_000);
  expect(runs()).toBe(2);
  await repeated.stop();
  await clock.advance(5_000);
  expect(runs()).toBe(2);
});
