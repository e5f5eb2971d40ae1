import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  bounds,
  decideRolling,
  type RollingDecision,
  type RollingView,
  type SchedulerTask,
} from '../../engine/decide-rolling.ts';

/** `O` old, `N` new; `+` healthy, `~` waiting, `-` unhealthy, `.` pending, `x` failed to start: `O+ O+ N.`. */
function tasksOf(text: string): SchedulerTask[] {
  const health = { '+': 'healthy', '~': 'waiting', '-': 'unhealthy', '.': 'waiting', x: 'waiting' } as const;
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, index) => ({
      id: `${word}${index}`,
      isPrimary: word.startsWith('N'),
      isRunning: !/[.x]/.test(word),
      health: health[(word[1] ?? '.') as keyof typeof health],
      isFailing: word.endsWith('x'),
    }));
}

const VIEW: RollingView = {
  desiredCount: 2,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  mayLaunch: true,
  launchNotBefore: 0,
  replacesAll: false,
  tasks: [],
  hasStopping: false,
  now: 0,
};

function summary({ start, stop, stopUnhealthy, isStuck }: RollingDecision): string {
  const ids = [...stop, ...stopUnhealthy].map((id) => id.slice(0, 2));
  return [
    `start ${start}`,
    ...(ids.length === 0 ? [] : [`stop ${ids.join(' ')}`]),
    ...(isStuck ? ['stuck'] : []),
  ].join(', ');
}

describe('the bounds', () => {
  it.each([
    [4, 50, 200, 2, 8],
    [4, 100, 150, 4, 6],
    [2, 75, 200, 2, 4],
    [3, 100, 125, 3, 3],
    [3, 33, 134, 1, 4],
    [0, 100, 200, 0, 0],
  ])('of %i tasks at %i to %i percent are %i and %i', (desiredCount, min, max, lower, upper) => {
    const view = { desiredCount, minimumHealthyPercent: min, maximumPercent: max };
    expect(bounds(view)).toEqual({ lower, upper });
  });
});

describe('the rolling scheduler', () => {
  it.each([
    ['starts all tasks of a new service at once', 4, 100, 200, '', 'start 4'],
    ['starts replacements before it stops anything', 2, 100, 200, 'O+ O+', 'start 2'],
    ['counts pending tasks to the upper bound', 4, 100, 150, 'O+ O+ O+ O+ N.', 'start 1'],
    ['starts no more than the upper bound leaves', 4, 100, 125, 'O+ O+ O+ O+', 'start 1'],
    [
      'rounds the upper bound down and is stuck at 3 of 125 percent',
      3,
      100,
      125,
      'O+ O+ O+',
      'start 0, stuck',
    ],
    [
      'stops half of the old tasks first where the upper bound leaves no room',
      4,
      50,
      100,
      'O+ O+ O+ O+',
      'start 0, stop O+ O+',
    ],
    ['rounds the lower bound up and may stop none at 2 of 75 percent', 2, 75, 100, 'O+ O+', 'start 0, stuck'],
    [
      'stops nothing at the lower bound while new tasks are on their way',
      4,
      50,
      100,
      'O+ O+ N. N~',
      'start 0',
    ],
    ['stops an old task for each new one that is healthy', 2, 100, 200, 'O+ O+ N+ N~', 'start 0, stop O+'],
    ['does not stop an old task for a new one that only runs', 2, 100, 200, 'O+ O+ N~ N~', 'start 0'],
    ['stops all old tasks once the new ones are healthy', 2, 100, 200, 'O+ O+ N+ N+', 'start 0, stop O+ O+'],
    ['stops pending tasks of an older deployment at once', 2, 100, 200, 'O+ O. O.', 'start 1, stop O. O.'],
    ['prefers old tasks that do not serve when it stops some', 2, 100, 200, 'O+ O~ N+', 'start 1, stop O~'],
    ['starts a replacement for an unhealthy task first', 2, 100, 200, 'N+ N-', 'start 1'],
    ['stops an unhealthy task once its replacement runs', 2, 100, 200, 'N+ N- N~', 'start 0, stop N-'],
    [
      'stops unhealthy tasks first where no room is left, down to the lower bound',
      4,
      50,
      100,
      'N+ N- N- N-',
      'start 0, stop N- N-',
    ],
    [
      'goes on replacing unhealthy new tasks while old ones serve',
      2,
      100,
      200,
      'O+ O+ N- N-',
      'start 0, stop N- N-',
    ],
    [
      'stops surplus tasks that serve least, newest first',
      1,
      100,
      200,
      'N+ N+ N~ N.',
      'start 0, stop N. N~ N+',
    ],
    ['keeps the place of a task that failed to start until it is gone', 2, 100, 200, 'N+ Nx', 'start 0'],
    ['stops everything at a desired count of 0', 0, 100, 200, 'O+ N. N+', 'start 0, stop N. N+ O+'],
  ])('%s', (_title, desiredCount, minimumHealthyPercent, maximumPercent, tasks, expected) => {
    const view = { ...VIEW, desiredCount, minimumHealthyPercent, maximumPercent, tasks: tasksOf(tasks) };
    expect(summary(decideRolling(view))).toBe(expected);
  });

  it('launches nothing for a deployment that has failed, and keeps what serves', () => {
    const view = { ...VIEW, mayLaunch: false, tasks: tasksOf('O+ O+') };
    expect(summary(decideRolling(view))).toBe('start 0');
  });

  it('waits for the end of the restart back-off, and says when that is', () => {
    const decision = decideRolling({ ...VIEW, launchNotBefore: 500, now: 400 });
    expect(decision).toEqual({ start: 0, stop: [], stopUnhealthy: [], isStuck: false, dueAt: 500 });
  });

  it('is not stuck while tasks are on their way out', () => {
    const view = {
      ...VIEW,
      desiredCount: 3,
      maximumPercent: 125,
      tasks: tasksOf('O+ O+ O+'),
      hasStopping: true,
    };
    expect(decideRolling(view).isStuck).toBe(false);
  });
});

const anyTask = fc.constantFrom('O+', 'O~', 'O-', 'O.', 'Ox', 'N+', 'N~', 'N-', 'N.', 'Nx');
const anyView = fc.record({
  desiredCount: fc.nat(12),
  minimumHealthyPercent: fc.nat(100),
  maximumPercent: fc.integer({ min: 100, max: 300 }),
  mayLaunch: fc.boolean(),
  launchNotBefore: fc.nat(2),
  replacesAll: fc.boolean(),
  tasks: fc.array(anyTask, { maxLength: 20 }).map((words) => tasksOf(words.join(' '))),
  hasStopping: fc.boolean(),
  now: fc.nat(2),
});

describe('in any state the rolling scheduler', () => {
  const check = (holds: (view: RollingView, decision: RollingDecision, left: SchedulerTask[]) => void) =>
    fc.assert(
      fc.property(anyView, (view) => {
        const decision = decideRolling(view);
        const stopped = new Set([...decision.stop, ...decision.stopUnhealthy]);
        holds(
          view,
          decision,
          view.tasks.filter(({ id }) => !stopped.has(id)),
        );
      }),
      { numRuns: 2000 },
    );

  it('never starts beyond the upper bound', () => {
    check((view, { start, stop }) => {
      const { upper } = bounds(view);
      if (start > 0) expect(view.tasks.length - stop.length + start).toBeLessThanOrEqual(Math.max(upper, 0));
    });
  });

  it('never takes healthy tasks below the lower bound', () => {
    check((view, _decision, left) => {
      const healthy = (tasks: readonly SchedulerTask[]) =>
        tasks.filter(({ health }) => health === 'healthy').length;
      const before = healthy(view.tasks);
      expect(healthy(left)).toBeGreaterThanOrEqual(Math.min(before, bounds(view).lower));
    });
  });

  it('names each task to stop once, and none that failed to start', () => {
    check((view, { stop, stopUnhealthy }) => {
      const named = [...stop, ...stopUnhealthy];
      expect(new Set(named).size).toBe(named.length);
      const failing = view.tasks.filter(({ isFailing }) => isFailing).map(({ id }) => id);
      expect(named.filter((id) => failing.includes(id))).toEqual([]);
    });
  });

  it('starts nothing while it may not launch or is held back', () => {
    check((view, { start }) => {
      if (!view.mayLaunch || view.now < view.launchNotBefore) expect(start).toBe(0);
    });
  });
});

describe('a rollout by the rolling scheduler', () => {
  /** Lets each round make pending tasks run and running ones healthy; gives the rounds until only new tasks are left. */
  function rollOut(
    desiredCount: number,
    minimumHealthyPercent: number,
    maximumPercent: number,
  ): number | 'stuck' {
    let tasks: SchedulerTask[] = tasksOf('O+ '.repeat(desiredCount));
    for (let round = 1; round <= 100; round++) {
      for (;;) {
        const decision = decideRolling({
          ...VIEW,
          desiredCount,
          minimumHealthyPercent,
          maximumPercent,
          tasks,
        });
        if (decision.isStuck) return 'stuck';
        const stopped = new Set([...decision.stop, ...decision.stopUnhealthy]);
        if (decision.start + stopped.size === 0) break;
        const made = tasksOf('N. '.repeat(decision.start)).map((task, n) => ({
          ...task,
          id: `${round}-${n}-${tasks.length}`,
        }));
        tasks = [...tasks.filter(({ id }) => !stopped.has(id)), ...made];
      }
      if (
        tasks.length === desiredCount &&
        tasks.every(({ isPrimary, health }) => isPrimary && health === 'healthy')
      )
        return round;
      tasks = tasks.map((task) => ({ ...task, isRunning: true, health: 'healthy' }));
    }
    return Number.POSITIVE_INFINITY;
  }

  it.each([
    [100, 100, 200, 2],
    [4, 50, 100, 3],
    [10, 100, 110, 11],
  ])('of %i tasks at %i to %i percent takes %i rounds', (desired, min, max, rounds) => {
    expect(rollOut(desired, min, max)).toBe(rounds);
  });

  it('ends, or says that it is stuck where the bounds leave no room', () => {
    const anyBounds = [
      fc.integer({ min: 1, max: 12 }),
      fc.nat(100),
      fc.integer({ min: 100, max: 300 }),
    ] as const;
    fc.assert(
      fc.property(...anyBounds, (desiredCount, min, max) => {
        const { lower, upper } = bounds({ desiredCount, minimumHealthyPercent: min, maximumPercent: max });
        const outcome = rollOut(desiredCount, min, max);
        if (lower === desiredCount && upper === desiredCount) expect(outcome).toBe('stuck');
        else expect(outcome).toBeLessThanOrEqual(desiredCount + 1);
      }),
    );
  });
});
