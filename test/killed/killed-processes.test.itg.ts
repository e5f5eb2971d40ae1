import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JOBS, type KilledJob } from '../virtual/fault-kill.ts';
import { closeStages } from '../virtual/stage.ts';
import { type Bundles, buildBundles } from './job.ts';
import { killProcesses } from './kill-points.ts';

/** Those that end the same at any speed of the machine: what is rolled back at once may have come up before. */
const PLAYED = Object.entries(JOBS).filter(([, { rollback }]) => rollback !== 'at-once');
const POINTS_A_JOB = 10;

let bundles: Bundles;

beforeAll(async () => {
  bundles = await buildBundles();
});

afterAll(() => {
  bundles.remove();
  closeStages();
});

/** Row 45 of the fault table with real processes; two hundred points in `npm run soak`. */
describe('a process that gets a SIGKILL at forty random calls and is run again ends as an undisturbed one', () => {
  test.each<[string, KilledJob]>(PLAYED)('one that %s, at ten calls', async (title, job) => {
    await killProcesses(bundles, job, POINTS_A_JOB, title.length);
  });

  test('which are forty in all', () => {
    expect(POINTS_A_JOB * PLAYED.length).toBe(40);
  });
});
