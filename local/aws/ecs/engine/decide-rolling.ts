/** A task as the scheduler counts it: RUNNING or on the way there, or failed to start and not yet gone. */
export interface SchedulerTask {
  id: string;
  isPrimary: boolean;
  isRunning: boolean;
  health: 'healthy' | 'waiting' | 'unhealthy';
  /** It failed to start; it keeps its place until it is STOPPED, and nothing needs to stop it. */
  isFailing: boolean;
}

/** What the rolling scheduler looks at. Tasks are in the order of their creation. */
export interface RollingView {
  desiredCount: number;
  minimumHealthyPercent: number;
  maximumPercent: number;
  /** False once the primary deployment has FAILED: it launches nothing more. */
  mayLaunch: boolean;
  /** The restart back-off holds launches until then. */
  launchNotBefore: number;
  /** Old tasks are no longer needed: all of them go, as far as the lower bound allows. */
  replacesAll: boolean;
  tasks: readonly SchedulerTask[];
  /** Whether tasks are on their way out, so that waiting may help. */
  hasStopping: boolean;
  now: number;
}

/** What to do at once. Neither list nor count is ever more than the bounds allow. */
export interface RollingDecision {
  start: number;
  /** Replaced or surplus: `Scaling activity initiated by …`. */
  stop: string[];
  /** Failed their health checks. */
  stopUnhealthy: string[];
  dueAt?: number;
  /** Nothing may be started or stopped within the bounds, and nothing is under way that would change it. */
  isStuck: boolean;
}

/**
 * Decides how many tasks of the primary deployment to start and which tasks to stop, within
 * ceil(minimumHealthyPercent) healthy and floor(maximumPercent) running or pending tasks.
 *
 * Replacements are started before anything is stopped as far as the upper bound allows; only when it does
 * not are tasks stopped first, down to the lower bound. Old tasks go as healthy new ones take their place.
 * Source: ECS API, DeploymentConfiguration.minimumHealthyPercent and .maximumPercent (read 2026-11).
 */
export function decideRolling(view: RollingView): RollingDecision {
  const surplus = selectSurplus(view);
  const tasks = view.tasks.filter((task) => !surplus.has(task.id));
  const { lower, upper } = bounds(view);
  const primary = tasks.filter((task) => task.isPrimary && task.health !== 'unhealthy');
  const need = view.mayLaunch ? Math.max(0, view.desiredCount - primary.length) : 0;
  const room = Math.max(0, upper - tasks.length);
  const isHeldBack = view.now < view.launchNotBefore;
  const start = isHeldBack ? 0 : Math.min(need, room);
  const isBlocked = !isHeldBack && need > start;

  const stopUnhealthy = selectUnhealthy(tasks, view.desiredCount, lower, isBlocked || !view.mayLaunch);
  const remaining = tasks.filter((task) => !stopUnhealthy.includes(task.id));
  const freed = tasks.length - remaining.length;
  const inTheWay = isBlocked ? Math.max(0, need - start - freed) : 0;
  const wanted = view.replacesAll ? Number.POSITIVE_INFINITY : inTheWay;
  const stop = [...surplus, ...selectReplaced(remaining, view.desiredCount, lower, wanted)];

  const isQuiet = start === 0 && stop.length === 0 && stopUnhealthy.length === 0 && !view.hasStopping;
  const isStuck = isBlocked && isQuiet && !tasks.some(isUnderWay);
  const dueAt = isHeldBack && need > 0 ? { dueAt: view.launchNotBefore } : {};
  return { start, stop, stopUnhealthy, isStuck, ...dueAt };
}

/** ceil of the minimum and floor of the maximum, in tasks. */
export function bounds(
  view: Pick<RollingView, 'desiredCount' | 'minimumHealthyPercent' | 'maximumPercent'>,
): { lower: number; upper: number } {
  return {
    lower: Math.ceil((view.desiredCount * view.minimumHealthyPercent) / 100),
    upper: Math.floor((view.desiredCount * view.maximumPercent) / 100),
  };
}

/** Primary tasks beyond the desired count: those that serve least, and of these the newest, go first. */
function selectSurplus(view: RollingView): Set<string> {
  const primary = view.tasks.filter(
    (task) => task.isPrimary && task.health !== 'unhealthy' && !task.isFailing,
  );
  const count = Math.max(0, primary.length - view.desiredCount);
  return new Set(
    leastServingFirst(primary.reverse())
      .slice(0, count)
      .map((task) => task.id),
  );
}

/**
 * Unhealthy tasks that may go: as many as run beyond the desired count, or, when they are in the way of their
 * own replacement, as many as leave `lower` tasks running.
 */
function selectUnhealthy(
  tasks: readonly SchedulerTask[],
  desiredCount: number,
  lower: number,
  areInTheWay: boolean,
): string[] {
  const unhealthy = tasks.filter((task) => task.isRunning && task.health === 'unhealthy');
  const running = tasks.filter((task) => task.isRunning).length;
  const floor = areInTheWay ? Math.min(lower, desiredCount) : desiredCount;
  return unhealthy.slice(0, Math.max(0, running - floor)).map((task) => task.id);
}

/**
 * Tasks of older deployments that may go: pending ones at once, running ones as healthy new tasks stand in
 * for them, or `wanted` of them where they leave no room or are needed no more, as long as `lower` healthy tasks remain.
 */
function selectReplaced(
  tasks: readonly SchedulerTask[],
  desiredCount: number,
  lower: number,
  wanted: number,
): string[] {
  const old = tasks.filter((task) => !task.isPrimary && !task.isFailing && task.health !== 'unhealthy');
  const pending = old.filter((task) => !task.isRunning);
  const running = leastServingFirst(old.filter((task) => task.isRunning));
  const healthyPrimary = tasks.filter((task) => task.isPrimary && task.health === 'healthy').length;
  let healthy = tasks.filter((task) => task.health === 'healthy').length;
  let left = Math.max(healthyPrimary + running.length - desiredCount, wanted - pending.length);
  const stop = pending;
  for (const task of running) {
    if (left <= 0) break;
    if (task.health === 'healthy') {
      if (healthy - 1 < lower) break;
      healthy -= 1;
    }
    left -= 1;
    stop.push(task);
  }
  return stop.map((task) => task.id);
}

function leastServingFirst(tasks: readonly SchedulerTask[]): SchedulerTask[] {
  const rank = (task: SchedulerTask) => (task.isRunning ? (task.health === 'healthy' ? 2 : 1) : 0);
  return tasks.toSorted((a, b) => rank(a) - rank(b));
}

/** Pending or waiting for its health: what the scheduler may do can still change by itself. */
function isUnderWay(task: SchedulerTask): boolean {
  return !task.isRunning || task.health === 'waiting';
}
