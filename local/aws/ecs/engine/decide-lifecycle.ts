import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import type { LifecycleStage } from './state.ts';

/** One stage of a deployment that shifts traffic. LINEAR and CANARY go through some stages more than once. */
export interface LifecycleStep {
  stage: LifecycleStage;
  /** Percent of the traffic that the new revision gets as the stage begins; absent, it is left alone. */
  productionPercent?: number;
  testPercent?: number;
  /** How long the stage lasts at least, in minutes before any time scale. */
  bakeMinutes?: number;
}

const DEFAULTS = { stepPercent: 10, stepBakeMinutes: 6, canaryPercent: 5, canaryBakeMinutes: 10 };

/** Whether the strategy is one that shifts traffic between two revisions. */
export function shiftsTraffic({ strategy = 'ROLLING' }: DeploymentConfiguration): boolean {
  return strategy !== 'ROLLING';
}

/**
 * Gives the stages of a BLUE_GREEN, LINEAR or CANARY deployment in their order. `hasSeveral` says that more
 * than one service revision is active at its start. Source: ECS API, ServiceDeployment.lifecycleStage.
 */
export function lifecyclePlan(configuration: DeploymentConfiguration, hasSeveral: boolean): LifecycleStep[] {
  const untouched = { productionPercent: 0, testPercent: 0 };
  return [
    ...(hasSeveral ? [{ stage: 'RECONCILE_SERVICE' as const, ...untouched }] : []),
    { stage: 'PRE_SCALE_UP', ...untouched },
    { stage: 'SCALE_UP' },
    { stage: 'POST_SCALE_UP' },
    { stage: 'TEST_TRAFFIC_SHIFT', testPercent: 100 },
    { stage: 'POST_TEST_TRAFFIC_SHIFT' },
    ...shiftSteps(configuration),
    { stage: 'POST_PRODUCTION_TRAFFIC_SHIFT' },
    { stage: 'BAKE_TIME', bakeMinutes: configuration.bakeTimeInMinutes ?? 0 },
    { stage: 'CLEAN_UP' },
  ];
}

/** The way back: the old revision is brought to its full count, gets all traffic, and the new one goes. */
export const ROLLBACK_PLAN: readonly LifecycleStep[] = [
  { stage: 'SCALE_UP' },
  { stage: 'PRODUCTION_TRAFFIC_SHIFT', productionPercent: 0, testPercent: 0 },
  { stage: 'CLEAN_UP' },
];

function shiftSteps(configuration: DeploymentConfiguration): LifecycleStep[] {
  const { percents, bakeMinutes } = shiftsOf(configuration);
  return percents.flatMap((productionPercent) => [
    { stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT' as const },
    {
      stage: 'PRODUCTION_TRAFFIC_SHIFT' as const,
      productionPercent,
      // There is nothing to bake for once everything has been shifted.
      ...(productionPercent === 100 ? {} : { bakeMinutes }),
    },
  ]);
}

function shiftsOf({ strategy, linearConfiguration, canaryConfiguration }: DeploymentConfiguration): {
  percents: number[];
  bakeMinutes: number;
} {
  if (strategy === 'CANARY') {
    const percent = canaryConfiguration?.canaryPercent ?? DEFAULTS.canaryPercent;
    const bakeMinutes = canaryConfiguration?.canaryBakeTimeInMinutes ?? DEFAULTS.canaryBakeMinutes;
    return { percents: percent === 100 ? [100] : [percent, 100], bakeMinutes };
  }
  if (strategy === 'LINEAR') {
    const step = linearConfiguration?.stepPercent ?? DEFAULTS.stepPercent;
    const bakeMinutes = linearConfiguration?.stepBakeTimeInMinutes ?? DEFAULTS.stepBakeMinutes;
    return { percents: linearPercents(step), bakeMinutes };
  }
  return { percents: [100], bakeMinutes: 0 };
}

/** Counted in tenths of a percent, in which every step that is allowed is a whole number. */
function linearPercents(stepPercent: number): number[] {
  const step = Math.round(stepPercent * 10);
  const percents: number[] = [];
  for (let reached = step; reached < 1000; reached += step) percents.push(reached / 10);
  return [...percents, 100];
}

/** Weights of a listener rule for a share of the traffic in percent: whole numbers from 0 to 999. */
export function weightsFor(percent: number): { target: number; other: number } {
  if (Number.isInteger(percent)) return { target: percent, other: 100 - percent };
  const target = Math.round(percent * 9.99);
  return { target, other: 999 - target };
}
