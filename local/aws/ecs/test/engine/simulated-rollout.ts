import fc from 'fast-check';
import {
  circuitBreakerThreshold,
  countsForCircuitBreaker,
  isTripped,
} from '../../engine/decide-circuit-breaker.ts';
import { bounds, decideRolling, type SchedulerTask } from '../../engine/decide-rolling.ts';
import { decideSuccess } from '../../engine/decide-success.ts';

const MOST_ROUNDS = 200;

/** What becomes of a new task: rounds until it runs, and what it does then. */
const anyFate = fc.record({
  runsAfter: fc.integer({ min: 1, max: 3 }),
  end: fc.constantFrom('healthy' as const, 'healthy' as const, 'never-runs' as const, 'unhealthy' as const),
});

export const anySimulation = fc.record({
  fates: fc.array(anyFate, { minLength: 1, maxLength: 6 }),
  desiredCount: fc.integer({ min: 1, max: 12 }),
  minimumHealthyPercent: fc.nat(100),
  maximumPercent: fc.integer({ min: 100, max: 300 }),
  hasBreaker: fc.boolean(),
  earlyPercent: fc.option(fc.nat(100), { nil: undefined }),
});

export type Simulation = typeof anySimulation extends fc.Arbitrary<infer S> ? S : never;
type Task = SchedulerTask & { age: number; runsAfter: number; end: string };

/** How a rollout ended, or what it goes on for. */
export type Outcome = 'completed' | 'failed' | 'stuck' | 'retries';

/**
 * Carries a service of healthy old tasks to new ones by the pure decisions alone, round by round. Throws when
 * a decision breaks a bound.
 */
export function simulate(simulation: Simulation): Outcome {
  const { desiredCount, hasBreaker, fates } = simulation;
  let launched = 0;
  let failures = 0;
  let replacesAll = false;
  let tasks: Task[] = Array.from({ length: desiredCount }, (_, n) => oldTask(n));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const decision = decideChecked(simulation, tasks, replacesAll);
    const stopped = new Set([...decision.stop, ...decision.stopUnhealthy]);
    failures += decision.stopUnhealthy.length;
    const made = Array.from({ length: decision.start }, () =>
      newTask(fates[launched % fates.length], launched++),
    );
    tasks = [...tasks.filter(({ id }) => !stopped.has(id)), ...made].map(grow);
    const dead = tasks.filter(({ isFailing, age, runsAfter }) => isFailing && age > runsAfter);
    tasks = tasks.filter((task) => !dead.includes(task));
    const running = tasks.filter(({ isPrimary, isRunning }) => isPrimary && isRunning).length;
    failures += dead.filter(() => countsForCircuitBreaker('never-ran', running)).length;
    const threshold = circuitBreakerThreshold({ enable: true, rollback: false }, desiredCount);
    if (hasBreaker && isTripped(failures, threshold)) return 'failed';
    const success = decideEnd(simulation, tasks);
    if (success.isComplete) return 'completed';
    replacesAll ||= success.replacesAll;
    if (decision.isStuck) return 'stuck';
  }
  return 'retries';
}

function decideChecked(simulation: Simulation, tasks: Task[], replacesAll: boolean) {
  const rest = { mayLaunch: true, launchNotBefore: 0, replacesAll, hasStopping: false, now: 0 };
  const decision = decideRolling({ ...simulation, ...rest, tasks });
  const { lower, upper } = bounds(simulation);
  const after = tasks.filter(({ id }) => !decision.stop.includes(id) && !decision.stopUnhealthy.includes(id));
  const healthy = (of: Task[]) => of.filter(({ health }) => health === 'healthy').length;
  if (tasks.length - decision.stop.length + decision.start > Math.max(upper, tasks.length)) {
    throw new Error(`${tasks.length} tasks and ${decision.start} more are beyond ${upper}`);
  }
  if (healthy(after) < Math.min(lower, healthy(tasks)))
    throw new Error(`fewer than ${lower} are left healthy`);
  return decision;
}

function decideEnd({ desiredCount, earlyPercent }: Simulation, tasks: Task[]) {
  const own = tasks.filter(({ isPrimary }) => isPrimary);
  const healthyCount = own.filter(({ health }) => health === 'healthy').length;
  const hasOlder = own.length < tasks.length;
  const sourceServiceRevisionCleanup = 'BLOCKING' as const;
  return decideSuccess({
    criteria:
      earlyPercent === undefined
        ? undefined
        : { enable: true, healthyPercent: earlyPercent, sourceServiceRevisionCleanup },
    desiredCount,
    healthyCount,
    isSteady: !hasOlder && own.length === desiredCount && healthyCount === desiredCount,
    hasOlder,
    bakeMs: 0,
    bakeUntil: undefined,
    now: 0,
  });
}

const oldTask = (n: number): Task => ({
  id: `old-${n}`,
  isPrimary: false,
  isRunning: true,
  health: 'healthy',
  isFailing: false,
  age: 0,
  runsAfter: 0,
  end: 'healthy',
});

function newTask(fate: Simulation['fates'][number] | undefined, n: number): Task {
  const { runsAfter = 1, end = 'healthy' } = fate ?? {};
  return {
    ...oldTask(n),
    id: `new-${n}`,
    isPrimary: true,
    isRunning: false,
    health: 'waiting',
    runsAfter,
    end,
  };
}

/** A round older: it comes to run, or fails to; a round after that its health is known. */
function grow(task: Task): Task {
  const age = task.age + 1;
  if (!task.isPrimary || age < task.runsAfter) return { ...task, age };
  if (task.end === 'never-runs') return { ...task, age, isFailing: true };
  const health = age === task.runsAfter ? 'waiting' : task.end === 'healthy' ? 'healthy' : 'unhealthy';
  return { ...task, age, isRunning: true, health };
}
