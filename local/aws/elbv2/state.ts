import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsFault } from '../fault.ts';
import { type ResourceKind, tryParseElbArn } from './arn.ts';
import type {
  ListenerRecord,
  LoadBalancerRecord,
  RegionRecord,
  RuleRecord,
  TargetGroupRecord,
} from './records.ts';

const notFound: Record<ResourceKind, [code: string, noun: string]> = {
  loadbalancer: ['LoadBalancerNotFound', 'load balancer'],
  targetgroup: ['TargetGroupNotFound', 'target group'],
  listener: ['ListenerNotFound', 'listener'],
  'listener-rule': ['RuleNotFound', 'rule'],
};

/** `TargetGroupNotFound: One or more target groups not found` and its like. */
export function resourceNotFound(kind: ResourceKind): AwsFault {
  const [code, noun] = notFound[kind];
  return new AwsFault(code, `One or more ${noun}s not found`);
}

/** All regions of all accounts. Finders throw AWS's error for what is not there. */
export class Elbv2State {
  readonly #regions = new Map<string, RegionRecord>();

  region(scope: { accountId: string; region: string }): RegionRecord {
    const key = `${scope.accountId}/${scope.region}`;
    let region = this.#regions.get(key);
    if (!region) {
      const { accountId, region: name } = scope;
      region = {
        accountId,
        region: name,
        loadBalancers: new Map(),
        listeners: new Map(),
        targetGroups: new Map(),
        tags: new Map<string, Tag[]>(),
      };
      this.#regions.set(key, region);
    }
    return region;
  }

  regions(): Iterable<RegionRecord> {
    return this.#regions.values();
  }

  /** Looks a target group up by its ARN alone, in whichever account and region it is. */
  targetGroup(arn: string): TargetGroupRecord | undefined {
    const parts = tryParseElbArn(arn);
    return parts && this.region(parts).targetGroups.get(arn);
  }
}

function assertKind(arn: string, kind: ResourceKind): void {
  if (tryParseElbArn(arn)?.kind === kind) return;
  throw new AwsFault('ValidationError', `'${arn}' is not a valid ${notFound[kind][1]} ARN`);
}

export function findLoadBalancer(region: RegionRecord, arn: string): LoadBalancerRecord {
  assertKind(arn, 'loadbalancer');
  const record = region.loadBalancers.get(arn);
  if (!record) throw new AwsFault('LoadBalancerNotFound', `Load balancer '${arn}' not found`);
  return record;
}

export function findTargetGroup(region: RegionRecord, arn: string): TargetGroupRecord {
  assertKind(arn, 'targetgroup');
  const record = region.targetGroups.get(arn);
  if (!record) throw resourceNotFound('targetgroup');
  return record;
}

export function findListener(region: RegionRecord, arn: string): ListenerRecord {
  assertKind(arn, 'listener');
  const record = region.listeners.get(arn);
  if (!record) throw resourceNotFound('listener');
  return record;
}

/** The listener of a rule and the rule; `rule` is absent for the listener's default rule. */
export function findRule(
  region: RegionRecord,
  arn: string,
): { listener: ListenerRecord; rule: RuleRecord | undefined } {
  assertKind(arn, 'listener-rule');
  for (const listener of region.listeners.values()) {
    const rule = listener.rules.find((candidate) => candidate.arn === arn);
    if (rule || listener.defaultRuleArn === arn) return { listener, rule };
  }
  throw resourceNotFound('listener-rule');
}
