import { scopeKey } from '../../ecs/engine/context.ts';
import { newUuid, type Random } from '../../ecs/engine/identifiers.ts';
import type { ServiceCounts } from '../service-counts.ts';
import { beginActivity, causeOf, noteNotScaled, settleActivities } from './activities.ts';
import type { AlarmBook } from './alarm-book.ts';
import { decideScaling, type ScalingDecision } from './decide-scaling.ts';
import { lastScalingOf, PERIOD_MS, standingOf } from './evaluate-target.ts';
import type { MetricSource } from './metrics.ts';
import { serviceNameOf } from './service-name.ts';
import type { AutoScalingState, ScalingScope, TargetRecord } from './state.ts';

export interface ScalerOptions {
  state: AutoScalingState;
  counts: () => ServiceCounts;
  metrics: MetricSource;
  alarmBook: AlarmBook;
  random: Random;
  /** Multiplies CloudWatch's period of one minute and the cooldowns. */
  timeScale: number;
  /** Brings the services, and through them scaling, up to the clock's now. */
  catchUp(): void;
}

export interface Scaler {
  readonly state: AutoScalingState;
  readonly alarmBook: AlarmBook;
  counts(): ServiceCounts;
  catchUp(): void;
  /** An account in a Region, made when it is first asked for. */
  scopeOf(accountId: string, region: string): ScalingScope;
  /** Moves the desired count into the bounds of a target that has just been registered. */
  applyBounds(scope: ScalingScope, target: TargetRecord): void;
  /** Takes `now` (epoch ms) as the time and ends what has been fulfilled. */
  settle(now: number): void;
  /** Looks at every policy's metric and does what follows, as of `now`. */
  evaluate(now: number): void;
  /** When the policies are to be looked at next; `undefined` while there are none. */
  nextDueAt(): number | undefined;
}

/** Makes what carries scaling through time. */
export function createScaler(options: ScalerOptions): Scaler {
  const { state, counts, random, metrics, alarmBook } = options;
  const periodMs = PERIOD_MS * options.timeScale;

  function setDesiredCount(scope: ScalingScope, target: TargetRecord, wanted: number, cause: string): string {
    const id = newUuid(random);
    const { resourceId } = target;
    beginActivity(scope, { id, resourceId, cause, at: state.now }, wanted);
    counts().setDesiredCount(serviceNameOf(scope, resourceId), wanted);
    return id;
  }

  function apply(scope: ScalingScope, target: TargetRecord, decision: ScalingDecision, from: number): void {
    if (decision.kind === 'nothing') return;
    const { alarm, policyName } = decision;
    const cause = causeOf(alarm, policyName);
    const policy = target.policies.find(({ name }) => name === policyName);
    if (decision.kind === 'scale') {
      const { direction, desiredCount } = decision;
      target.lastScaling = {
        direction,
        from,
        activityId: setDesiredCount(scope, target, desiredCount, cause),
      };
      if (policy) policy.lastRefusal = undefined;
      return;
    }
    // Told once, not once a minute, for as long as the reason stays the same.
    const told = JSON.stringify([alarm, decision.reasons]);
    if (!policy || policy.lastRefusal === told) return;
    policy.lastRefusal = told;
    const { resourceId } = target;
    noteNotScaled(scope, { id: newUuid(random), resourceId, cause, at: state.now }, decision.reasons);
  }

  function evaluateTarget(scope: ScalingScope, target: TargetRecord): void {
    const count = counts().read(serviceNameOf(scope, target.resourceId));
    if (!count || target.policies.length === 0) return;
    const { minCapacity, maxCapacity, suspended } = target;
    const evaluation = { now: state.now, metrics, alarmBook, periodMs };
    const decision = decideScaling({
      now: state.now,
      count,
      minCapacity,
      maxCapacity,
      isInSuspended: suspended.DynamicScalingInSuspended,
      isOutSuspended: suspended.DynamicScalingOutSuspended,
      policies: target.policies.map((policy) => standingOf(scope, target, policy, evaluation)),
      lastScaling: lastScalingOf(scope, target),
    });
    apply(scope, target, decision, count.runningCount);
  }

  function settle(now: number): void {
    state.now = Math.max(now, state.now);
    for (const scope of Object.values(state.scopes)) settleActivities(scope, counts(), state.now);
  }

  const hasPolicies = () =>
    Object.values(state.scopes).some(({ targets }) =>
      Object.values(targets).some(({ policies }) => policies.length > 0),
    );

  return {
    state,
    alarmBook,
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
    settle,
    evaluate(now) {
      settle(now);
      state.evaluatedAt = state.now;
      for (const scope of Object.values(state.scopes)) {
        for (const target of Object.values(scope.targets)) evaluateTarget(scope, target);
      }
    },
    // CloudWatch's periods begin with the clock's minutes.
    nextDueAt: () =>
      hasPolicies()
        ? (Math.floor(Math.max(state.evaluatedAt, state.now - periodMs) / periodMs) + 1) * periodMs
        : undefined,
  };
}
