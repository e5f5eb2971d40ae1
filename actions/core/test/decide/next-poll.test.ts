import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextPollAt, type Pace } from '../../src/decide/next-poll.ts';

const T0 = 1_000_000;
const pace = (change: Partial<Pace> = {}): Pace => ({
  now: T0,
  startedAt: T0,
  lastChangeAt: T0,
  calls: 1,
  services: 1,
  setbacks: 0,
  rollingBack: false,
  deadlineAt: T0 + 1_800_000,
  ...change,
});
const middle = () => 0.5;

describe('the next reading', () => {
  test('comes after about a second while things change', () => {
    expect(nextPollAt(pace(), middle) - T0).toBe(1_150);
  });

  test('comes later once a minute has been quiet, as in a bake, also of a rollback', () => {
    const quiet = { lastChangeAt: T0 - 61_000 };
    expect(nextPollAt(pace(quiet), middle) - T0).toBe(2_400);
    expect(nextPollAt(pace({ ...quiet, rollingBack: true }), middle) - T0).toBe(2_400);
  });

  test('comes a little later while only the end of a rollback is waited for', () => {
    expect(nextPollAt(pace({ rollingBack: true }), middle) - T0).toBe(1_600);
  });

  test('is spread by chance', () => {
    const earliest = nextPollAt(pace(), () => 0);
    const latest = nextPollAt(pace(), () => 0.999);
    expect([earliest - T0, Math.round(latest - T0)]).toEqual([920, 1_380]);
  });

  test('backs off further with each throttled reading, up to 15 seconds', () => {
    const gaps = [1, 2, 3, 4, 8].map((setbacks) => nextPollAt(pace({ setbacks }), () => 0.999) - T0);
    expect(gaps.map((gap) => Math.round(gap / 1_000))).toEqual([2, 5, 9, 15, 15]);
  });

  test('is clipped to the deadline', () => {
    expect(nextPollAt(pace({ deadlineAt: T0 + 300 }), middle)).toBe(T0 + 300);
  });

  test('is at once when the deadline has passed', () => {
    expect(nextPollAt(pace({ deadlineAt: T0 - 1 }), middle)).toBe(T0);
  });

  test('waits for the budget after a burst of calls', () => {
    expect(nextPollAt(pace({ calls: 20 }), middle) - T0).toBe(14_000);
  });

  test('shares the budget among the services', () => {
    expect(nextPollAt(pace({ calls: 16, services: 10 }), middle) - T0).toBe(1_150);
  });

  test('keeps a wait to one call a second and service, however many calls a reading takes', () => {
    const readings = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 200, maxLength: 300 });
    fc.assert(
      fc.property(
        readings,
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (calls, services, chance) => {
          let now = T0;
          let spent = 0;
          for (const some of calls) {
            spent += some;
            now = nextPollAt(
              pace({ now, calls: spent, services, deadlineAt: Number.MAX_SAFE_INTEGER }),
              () => chance,
            );
          }
          expect(spent).toBeLessThanOrEqual(((now - T0) / 1_000) * services + 6.001);
        },
      ),
    );
  });

  test('never lies before now nor after the deadline that is ahead', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.nat(10),
        fc.nat(500),
        fc.nat(60_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (quiet, setbacks, calls, left, chance) => {
          const at = nextPollAt(
            pace({ lastChangeAt: T0 - quiet, setbacks, calls, deadlineAt: T0 + left }),
            () => chance,
          );
          expect(at).toBeGreaterThanOrEqual(T0);
          expect(at).toBeLessThanOrEqual(T0 + left);
        },
      ),
    );
  });
});
