import type {
  Action,
  IpAddressType,
  LoadBalancerSchemeEnum,
  RuleCondition,
  Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HealthRecord } from './health/target-health.ts';
import type { ServedCertificate } from './tls/certificates.ts';

/** One registered target; `drainingUntil` (epoch ms) is set once it has been deregistered. */
export interface TargetRecord {
  id: string;
  port: number;
  health: HealthRecord;
  /** When it last turned healthy (epoch ms). */
  healthyAt?: number;
  drainingUntil?: number;
  /** Ends the requests under way to this target, one function each. */
  underWay: Set<() => void>;
}

export interface HealthCheckSettings {
  /** `traffic-port` or a number as text. */
  port: string;
  path: string;
  intervalSeconds: number;
  timeoutSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
  /** `200`, `200,301` or `200-299`. */
  matcher: string;
}

export interface TargetGroupRecord {
  arn: string;
  name: string;
  port: number;
  vpcId: string;
  healthCheck: HealthCheckSettings;
  /** Only what was set; the defaults are in `api/attributes.ts`. */
  attributes: Map<string, string>;
  /** By `id:port`, in the order of registration. */
  targets: Map<string, TargetRecord>;
  /** Counts the requests routed, for round robin. */
  turn: number;
}

export interface RuleRecord {
  arn: string;
  priority: number;
  conditions: RuleCondition[];
  actions: Action[];
}

export interface TlsSettings {
  /** Name of the security policy. */
  policy: string;
  /** The default one first. */
  certificates: ServedCertificate[];
}

export interface ListenerRecord {
  arn: string;
  loadBalancerArn: string;
  /** The port the caller asked for; `port` is the one it got on 127.0.0.1. */
  askedPort: number;
  port: number;
  /** Present for HTTPS. */
  tls?: TlsSettings;
  attributes: Map<string, string>;
  defaultRuleArn: string;
  defaultActions: Action[];
  rules: RuleRecord[];
}

export interface LoadBalancerRecord {
  arn: string;
  name: string;
  scheme: LoadBalancerSchemeEnum;
  ipAddressType: IpAddressType;
  subnetIds: string[];
  securityGroups: string[];
  createdAt: Date;
  attributes: Map<string, string>;
}

/** Everything ELBv2 holds for one account in one region. */
export interface RegionRecord {
  accountId: string;
  region: string;
  loadBalancers: Map<string, LoadBalancerRecord>;
  listeners: Map<string, ListenerRecord>;
  targetGroups: Map<string, TargetGroupRecord>;
  tags: Map<string, Tag[]>;
}

/** The ARNs of the target groups an action forwards to, with their weights; none for other actions. */
export function forwardTargets(action: Action): { arn: string; weight: number }[] {
  const tuples = action.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: action.TargetGroupArn, Weight: 1 }];
  return tuples.flatMap(({ TargetGroupArn, Weight }) =>
    TargetGroupArn ? [{ arn: TargetGroupArn, weight: Weight ?? 1 }] : [],
  );
}

/** The load balancers whose listeners or rules forward to a target group, each once. */
export function loadBalancersUsing(region: RegionRecord, targetGroupArn: string): string[] {
  const using = new Set<string>();
  for (const listener of region.listeners.values()) {
    const actions = [...listener.defaultActions, ...listener.rules.flatMap((rule) => rule.actions)];
    if (actions.some((action) => forwardTargets(action).some(({ arn }) => arn === targetGroupArn))) {
      using.add(listener.loadBalancerArn);
    }
  }
  return [...using];
}
