import { scopeKey } from '../../ecs/engine/context.ts';
import { newUuid, type Random } from '../../ecs/engine/identifiers.ts';
import type { ServiceCounts } from '../service-counts.ts';
import { serviceNameOf } from './service-name.ts';
import type { ActivityRecord, AutoScalingState, ScalingScope, TargetRecord } from './state.ts';

export interface ScalerOptions {
  state: AutoScalingState;
  counts: () => ServiceCounts;
  random: Random;
  /** Brings the services, and through them scaling, up to the clock's now. */
  catchUp(): void;
}

export interface Scaler {
  state(): AutoScalingState;
  counts(): ServiceCounts;
  catchUp(): void;
  /** An account in a Region, made when it is first asked for. */
  scopeOf(accountId: string, region: string): ScalingScope;
  /** Moves the desired count into the bounds of a target that has just been registered. */
  applyBounds(scope: ScalingScope, target: TargetRecord): void;
  /** Forgets a target with all that belongs to it. Its service stays as it is. */
  forget(scope: ScalingScope, target: TargetRecord): void;
  /** Lets everything due up to `now` (epoch ms) happen. */
  advance(now: number): void;
  nextDueAt(): number | undefined;
  /** Calls `listener` after anything may have changed what is due. */
  onChange(listener: () => void): void;
}

/** AWS keeps activities for six weeks. */
const ACTIVITIES_KEPT_MS = 42 * 24 * 3600 * 1000;

/** Makes what carries scaling through time. */
export function createScaler(options: ScalerOptions): Scaler {
  const { state, counts, random } = options;
  const listeners: (() => void)[] = [];

  function notify(): void {
    for (const listener of listeners) listener();
  }

  function setDesiredCount(scope: ScalingScope, target: TargetRecord, wanted: number, cause: string): void {
    for (const activity of scope.activities) {
      if (activity.resourceId !== target.resourceId || activity.status !== 'InProgress') continue;
      end(activity, 'Overridden', state.now);
    }
    scope.activities.unshift(
      startActivity(newUuid(random), target.resourceId, { wanted, cause, at: state.now }),
    );
    counts().setDesiredCount(serviceNameOf(scope, target.resourceId), wanted);
    notify();
  }

  return {
    state: () => state,
    counts,
    catchUp: options.catchUp,

    scopeOf(accountId, region) {
      const key = scopeKey(accountId, region);
      state.scopes[key] ??= { accountId, region, targets: {}, activities: [] };
      return state.scopes[key];
    },

    applyBounds(scope, target) {
      const count = counts().read(serviceNameOf(scope, target.resourceId));
      if (!count) return;
      const { minCapacity, maxCapacity } = target;
      if (count.desiredCount < minCapacity)
        setDesiredCount(scope, target, minCapacity, `minimum capacity was set to ${minCapacity}`);
      else if (count.desiredCount > maxCapacity)
        setDesiredCount(scope, target, maxCapacity, `maximum capacity was set to ${maxCapacity}`);
    },

    forget(scope, target) {
      delete scope.targets[target.resourceId];
      notify();
    },

    advance(now) {
      state.now = Math.max(now, state.now);
      for (const scope of Object.values(state.scopes)) {
        settleActivities(scope, counts(), state.now);
        scope.activities = scope.activities.filter(
          ({ startedAt }) => startedAt > state.now - ACTIVITIES_KEPT_MS,
        );
      }
    },

    nextDueAt: () => undefined,
    onChange: (listener) => void listeners.push(listener),
  };
}

/** Source: DescribeScalingActivities' texts as in the AWS CLI's examples (read 2026-11). */
function startActivity(
  id: string,
  resourceId: string,
  { wanted, cause, at }: { wanted: number; cause: string; at: number },
): ActivityRecord {
  return {
    id,
    resourceId,
    description: `Setting desired count to ${wanted}.`,
    cause,
    startedAt: at,
    endedAt: undefined,
    status: 'InProgress',
    message: `Successfully set desired count to ${wanted}. Waiting for change to be fulfilled by ecs.`,
    wanted,
    notScaled: undefined,
  };
}

function end(activity: ActivityRecord, status: 'Successful' | 'Overridden', at: number): void {
  activity.status = status;
  activity.endedAt = at;
  if (status === 'Successful')
    activity.message = `Successfully set desired count to ${activity.wanted}. Change successfully fulfilled by ecs.`;
}

/** Ends the activities whose desired count now runs, and those that somebody else's change has overtaken. */
function settleActivities(scope: ScalingScope, counts: ServiceCounts, now: number): void {
  for (const activity of scope.activities) {
    if (activity.status !== 'InProgress') continue;
    const { wanted } = activity;
    const count = counts.read(serviceNameOf(scope, activity.resourceId));
    if (!count || count.desiredCount !== wanted) end(activity, 'Overridden', now);
    else if (count.runningCount === wanted) end(activity, 'Successful', now);
  }
}
