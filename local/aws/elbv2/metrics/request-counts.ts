import { tryParseElbArn } from '../arn.ts';
import { loadBalancersUsing, type RegionRecord, type TargetGroupRecord } from '../records.ts';
import { foldSample, type MetricBatch, type MetricDatum } from './metric-datum.ts';
import type { RequestRecord } from './request-record.ts';

/** `app/shop/50dc6c495c0c9188` of a load balancer's ARN, `targetgroup/web/…` of a target group's. */
const loadBalancerDimension = (arn: string) => arn.slice(arn.indexOf(':loadbalancer/') + 14);
const targetGroupDimension = (arn: string) => arn.slice(arn.indexOf(':targetgroup/') + 1);

/**
 * Counts requests for CloudWatch until they are taken.
 * Source: ELB user guide, "CloudWatch metrics for your Application Load Balancer" (read 2026-11).
 */
export class RequestCounts {
  #byRegion = new Map<string, Map<string, MetricDatum>>();

  record(request: RequestRecord): void {
    const parts = tryParseElbArn(request.listener.loadBalancerArn);
    if (!parts) return;
    const key = `${parts.accountId}/${parts.region}`;
    const data = this.#byRegion.get(key) ?? new Map<string, MetricDatum>();
    this.#byRegion.set(key, data);
    const LoadBalancer = loadBalancerDimension(request.listener.loadBalancerArn);
    for (const sample of samplesOf(request)) foldSample(data, { ...sample, dimensions: { LoadBalancer } });
    const { group } = request;
    if (!group) return;
    const TargetGroup = targetGroupDimension(group.arn);
    for (const sample of samplesOf(request).filter(({ name }) => isOfGroup(name))) {
      foldSample(data, { ...sample, dimensions: { TargetGroup, LoadBalancer } });
    }
    const value = 1 / Math.max(1, healthyCount(group));
    foldSample(data, { name: 'RequestCountPerTarget', dimensions: { TargetGroup }, value });
    foldSample(data, { name: 'RequestCountPerTarget', dimensions: { TargetGroup, LoadBalancer }, value });
  }

  /** Gives what has been counted, with each region's host counts, and begins anew. `at` is epoch ms. */
  take(regions: Iterable<RegionRecord>, at: number): MetricBatch[] {
    const counted = this.#byRegion;
    this.#byRegion = new Map();
    return [...regions].flatMap((region) => {
      const { accountId, region: name } = region;
      const data = counted.get(`${accountId}/${name}`) ?? new Map<string, MetricDatum>();
      foldHostCounts(region, data);
      return data.size > 0 ? [{ accountId, region: name, at, data: [...data.values()] }] : [];
    });
  }
}

type Sample = { name: string; unit?: MetricDatum['unit']; value: number };

function samplesOf(request: RequestRecord): Sample[] {
  const { by, status, targetSeconds, isConnectionError } = request;
  const names = ['RequestCount'];
  const family = `${Math.floor(status / 100)}XX`;
  if (by === 'target' && status >= 200) names.push(`HTTPCode_Target_${family}_Count`);
  if (by === 'load-balancer') names.push(`HTTPCode_ELB_${family}_Count`);
  if (by === 'load-balancer' && status >= 500) names.push(`HTTPCode_ELB_${status}_Count`);
  if (by === 'redirect') names.push('HTTPCode_ELB_3XX_Count', 'HTTP_Redirect_Count');
  if (by === 'fixed-response') names.push('HTTP_Fixed_Response_Count');
  if (isConnectionError) names.push('TargetConnectionErrorCount');
  const counts: Sample[] = names.map((name) => ({ name, value: 1 }));
  if (targetSeconds === undefined) return counts;
  return [...counts, { name: 'TargetResponseTime', unit: 'Seconds', value: targetSeconds }];
}

/** What the load balancer answers itself is counted for the load balancer only. */
const isOfGroup = (name: string) => !name.startsWith('HTTPCode_ELB') && !name.startsWith('HTTP_');

function healthyCount(group: TargetGroupRecord): number {
  return hosts(group).filter((isHealthy) => isHealthy).length;
}

/** Whether each registered target is healthy; those still in their first checks and draining ones are neither. */
function hosts(group: TargetGroupRecord): boolean[] {
  return [...group.targets.values()].flatMap(({ drainingUntil, health }) => {
    const { state } = health.view;
    const counts = drainingUntil === undefined && (state === 'healthy' || state === 'unhealthy');
    return counts ? [state === 'healthy'] : [];
  });
}

function foldHostCounts(region: RegionRecord, data: Map<string, MetricDatum>): void {
  for (const group of region.targetGroups.values()) {
    const states = hosts(group);
    const healthy = states.filter((isHealthy) => isHealthy).length;
    for (const arn of loadBalancersUsing(region, group.arn)) {
      const dimensions = {
        TargetGroup: targetGroupDimension(group.arn),
        LoadBalancer: loadBalancerDimension(arn),
      };
      foldSample(data, { name: 'HealthyHostCount', dimensions, value: healthy });
      foldSample(data, { name: 'UnHealthyHostCount', dimensions, value: states.length - healthy });
    }
  }
}
