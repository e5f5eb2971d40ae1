import type { EngineContext } from './context.ts';
import { weightsFor } from './decide-lifecycle.ts';
import type { RevisionRecord, ServiceDeploymentRecord, ServiceRecord } from './state.ts';

/** A load balancer of the new revision between whose two target groups traffic is shifted. */
interface Crossing {
  /** The target group of the new revision, and the one of the old. */
  targetGroup: string;
  otherGroup: string;
  productionRule: string | undefined;
  testRule: string | undefined;
}

function crossingsOf(service: ServiceRecord, { targetRevisionArn }: ServiceDeploymentRecord): Crossing[] {
  const revision = service.revisions[targetRevisionArn];
  return (revision?.settings.loadBalancers ?? []).flatMap((loadBalancer, index) => {
    const { targetGroupArn, advancedConfiguration } = loadBalancer;
    const alternate = advancedConfiguration?.alternateTargetGroupArn;
    const targetGroup = revision?.targetGroups[index];
    if (alternate === undefined || targetGroupArn === undefined || targetGroup === undefined) return [];
    return [
      {
        targetGroup,
        otherGroup: targetGroup === alternate ? targetGroupArn : alternate,
        productionRule: advancedConfiguration?.productionListenerRule,
        testRule: advancedConfiguration?.testListenerRule,
      },
    ];
  });
}

/**
 * Gives the new revision these percents of production and test traffic; what is absent is left alone. The
 * rules' weights are rewritten without a look at what they are. Throws what the load balancer throws.
 */
export function shiftTraffic(
  { trafficRules }: EngineContext,
  service: ServiceRecord,
  deployment: ServiceDeploymentRecord,
  { productionPercent, testPercent }: { productionPercent?: number; testPercent?: number },
): void {
  for (const { targetGroup, otherGroup, productionRule, testRule } of crossingsOf(service, deployment)) {
    const set = (rule: string | undefined, percent: number | undefined) => {
      if (rule === undefined || percent === undefined) return;
      const { target, other } = weightsFor(percent);
      trafficRules.setWeights(rule, { [targetGroup]: target, [otherGroup]: other });
    };
    set(testRule, testPercent);
    set(productionRule, productionPercent);
  }
  deployment.traffic = {
    production: productionPercent ?? deployment.traffic.production,
    test: testPercent ?? deployment.traffic.test,
  };
}

/** Percent by target group, for a share of the new revision in percent. */
export function trafficWeights(
  service: ServiceRecord,
  deployment: ServiceDeploymentRecord,
  percent: number,
): Record<string, number> {
  const shares = crossingsOf(service, deployment).flatMap(({ targetGroup, otherGroup }) => [
    [targetGroup, percent] as const,
    [otherGroup, 100 - percent] as const,
  ]);
  return Object.fromEntries(shares);
}

/**
 * The target group that a new revision registers its tasks with, for each of its load balancers: with a
 * shifting strategy the one that the serving revision does not use, else the one that it does.
 */
export function chooseTargetGroups(
  settings: RevisionRecord['settings'],
  serving: RevisionRecord | undefined,
  isShifting: boolean,
): string[] {
  return (settings.loadBalancers ?? []).map(({ targetGroupArn = '', advancedConfiguration }) => {
    const alternate = advancedConfiguration?.alternateTargetGroupArn;
    if (alternate === undefined || serving === undefined) return targetGroupArn;
    const inUse = serving.targetGroups.includes(alternate) ? alternate : targetGroupArn;
    if (!isShifting) return inUse;
    return inUse === alternate ? targetGroupArn : alternate;
  });
}
