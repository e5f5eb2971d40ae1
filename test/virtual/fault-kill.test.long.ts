import { afterAll, describe, expect, test } from '@jest/globals';
import { JOBS, playKillPoints } from './fault-kill.ts';
import { closeStages } from './stage.ts';

afterAll(closeStages);

const POINTS_A_JOB = 8;

/** Row 45 of the fault table; two hundred points in `npm run soak`. */
describe('a job that gets a SIGKILL at forty random points and is run again ends as an undisturbed one', () => {
  test.each(Object.entries(JOBS))(
    'one that %s, at eight points',
    async (title, job) => {
      expect(await playKillPoints(job, POINTS_A_JOB, title.length)).toBe(POINTS_A_JOB);
    },
    120_000,
  );

  test('which are forty in all', () => {
    expect(POINTS_A_JOB * Object.keys(JOBS).length).toBe(40);
  });
});
