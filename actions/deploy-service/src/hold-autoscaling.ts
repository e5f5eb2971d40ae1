import {
  readScalableTargets,
  resourceIdOf,
  resumeScaling,
  suspendScaling,
} from '../../core/src/autoscaling/scalable-target.ts';
import type { AutoscalingClient } from '../../core/src/aws-clients.ts';
import {
  type HoldPlan,
  type HoldWish,
  planHold,
  type ScalableTargetReading,
} from '../../core/src/decide/autoscaling-hold.ts';
import { renderError } from '../../core/src/errors.ts';
import type { Log } from '../../core/src/log.ts';
import type { PlannedService } from './plan.ts';

/** What the step after the job needs to resume a hold: kept by the runner between the two. */
export interface HoldState {
  region?: string | undefined;
  role?: string | undefined;
  resourceIds: readonly string[];
}

/** Autoscaling of the services of one run. */
export interface AutoscalingHold {
  /** Takes over what an earlier run left; to be called once, when this run begins to write. */
  begin(): void;
  /** Suspends a service's scaling; nothing where the plan holds none. */
  hold(planned: PlannedService): Promise<void>;
  /** Resumes all that is held; gives the sentences about those that could not be. Never throws. */
  resume(): Promise<string[]>;
  /** True while something is held. */
  isHolding(): boolean;
}

/** Services of which nothing is held: the input is `off`. */
const NO_HOLD: AutoscalingHold = {
  begin: () => {},
  hold: async () => {},
  resume: async () => [],
  isHolding: () => false,
};

interface HoldDeps {
  autoscaling: AutoscalingClient;
  log: Log;
  /** Told before the first write, so that nothing that was written is forgotten. */
  remember(resourceIds: readonly string[]): void;
}

/**
 * Reads the scalable targets of the services and puts what is going to be held into their plans. What an earlier
 * run left suspended is resumed at once where this run deploys nothing, and with the hold of this run elsewhere;
 * a dry run and a run that is refused leave it, for another run may be in the middle of its own.
 */
export async function planAutoscalingHold(
  wish: HoldWish,
  planned: readonly PlannedService[],
  deps: HoldDeps,
): Promise<{ planned: PlannedService[]; hold: AutoscalingHold }> {
  if (wish === 'off') return { planned: [...planned], hold: NO_HOLD };
  const targets = await readScalableTargets(deps.autoscaling, planned.map(resourceOf));
  const targetById = new Map(targets.map((target) => [target.resourceId, target]));
  return {
    planned: planned.map((one) => withHoldStep(one, wish, targetById.get(resourceOf(one)))),
    hold: holdOf(wish, targetById, deps),
  };
}

/** Where a run left something suspended and was killed: the command that resumes it by hand. */
function resumeCommandOf(resourceId: string): string {
  const state =
    'DynamicScalingInSuspended=false,DynamicScalingOutSuspended=false,ScheduledScalingSuspended=false';
  return `aws application-autoscaling register-scalable-target --service-namespace ecs --scalable-dimension ecs:service:DesiredCount --resource-id ${resourceId} --suspended-state ${state}`;
}

/** Resumes one target; gives a sentence when that failed. */
export async function tryResume(
  { autoscaling, log }: Pick<HoldDeps, 'autoscaling' | 'log'>,
  resourceId: string,
): Promise<string | undefined> {
  try {
    const resumed = await resumeScaling(autoscaling, resourceId);
    if (resumed.length > 0) log.info(`autoscaling of ${resourceId} is resumed: ${resumed.join(', ')}`);
    return undefined;
  } catch (error) {
    return `Autoscaling of ${resourceId} is still suspended: ${renderError(error)} Resume it with: ${resumeCommandOf(resourceId)}`;
  }
}

function resourceOf({ before }: PlannedService): string {
  return resourceIdOf(before.clusterArn, before.serviceName);
}

function holdOf(
  wish: HoldWish,
  targetById: ReadonlyMap<string, ScalableTargetReading>,
  deps: HoldDeps,
): AutoscalingHold {
  const held = new Set<string>();
  return {
    begin() {
      for (const [id, { left }] of targetById) if (left) held.add(id);
      deps.remember([...held]);
    },
    isHolding: () => held.size > 0,
    async hold(planned) {
      const id = resourceOf(planned);
      if (!targetById.has(id)) return;
      // Since the plan was made, the run before may have ended and resumed what it held.
      const [target] = await readScalableTargets(deps.autoscaling, [id]);
      const plan: HoldPlan | undefined = target && planHold(wish, target);
      if (!target || !plan || plan.suspend.length === 0) return;
      held.add(target.resourceId);
      deps.remember([...held]);
      await suspendScaling(deps.autoscaling, target, plan);
      deps.log.info(
        `${planned.wanted.service}: autoscaling is held until the end of this run: ${plan.suspend.join(', ')}`,
      );
    },
    async resume() {
      const failures = await Promise.all(
        [...held].map(async (resourceId) => {
          const failure = await tryResume(deps, resourceId);
          if (failure === undefined) held.delete(resourceId);
          return failure;
        }),
      );
      return failures.flatMap((failure) => failure ?? []);
    },
  };
}

/** Just before the update, so that a long migration is not paid for with scaling. */
function withHoldStep(
  planned: PlannedService,
  wish: HoldWish,
  target: ScalableTargetReading | undefined,
): PlannedService {
  const at = planned.steps.findIndex(({ kind }) => kind === 'update');
  if (!target || at < 0) return planned;
  const { suspend, resume } = planHold(wish, target);
  if (resume.length === 0) return planned;
  const why =
    suspend.length === 0
      ? 'an earlier run left it suspended; it is resumed at the end'
      : 'until the end of this run';
  const steps = planned.steps.toSpliced(at, 0, { kind: 'hold', scaling: resume, why });
  return { ...planned, steps };
}
