import { AwsFault } from '../fault.ts';

/** One attribute: its default, and which values the local load balancer takes. */
interface AttributeRule {
  value: string;
  /** Inclusive bounds of a whole number. */
  range?: readonly [number, number];
  oneOf?: readonly string[];
  /** One more value beside the range. */
  or?: string;
  pattern?: RegExp;
}

/** The names that begin so are the load balancer's own. */
const COOKIE_NAME = /^(?!AWSALB)[^\s;,=]{0,256}$/;

/** An attribute that AWS has and this load balancer keeps at its default. */
const kept = (value: string): AttributeRule => ({ value, oneOf: [value] });
const flag = (value: string): AttributeRule => ({ value, oneOf: ['true', 'false'] });

/** Source: SDK LoadBalancerAttribute, TargetGroupAttribute; the defaults are those of the ELB user guide. */
const attributeRules = {
  loadBalancer: {
    'access_logs.s3.bucket': kept(''),
    'access_logs.s3.enabled': kept('false'),
    'access_logs.s3.prefix': kept(''),
    'client_keep_alive.seconds': kept('3600'),
    'connection_logs.s3.bucket': kept(''),
    'connection_logs.s3.enabled': kept('false'),
    'connection_logs.s3.prefix': kept(''),
    'deletion_protection.enabled': flag('false'),
    'idle_timeout.timeout_seconds': { value: '60', range: [1, 4000] },
    'ipv6.deny_all_igw_traffic': kept('false'),
    'load_balancing.cross_zone.enabled': kept('true'),
    'routing.http.desync_mitigation_mode': kept('defensive'),
    'routing.http.drop_invalid_header_fields.enabled': kept('false'),
    'routing.http.preserve_host_header.enabled': flag('false'),
    'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': kept('false'),
    'routing.http.xff_client_port.enabled': kept('false'),
    'routing.http.xff_header_processing.mode': kept('append'),
    'routing.http2.enabled': flag('true'),
    'waf.fail_open.enabled': kept('false'),
    'zonal_shift.config.enabled': kept('false'),
  },
  targetGroup: {
    'deregistration_delay.timeout_seconds': { value: '300', range: [0, 3600] },
    'load_balancing.algorithm.anomaly_mitigation': kept('off'),
    'load_balancing.algorithm.type': {
      value: 'round_robin',
      oneOf: ['round_robin', 'least_outstanding_requests', 'weighted_random'],
    },
    'load_balancing.cross_zone.enabled': kept('use_load_balancer_configuration'),
    'slow_start.duration_seconds': { value: '0', range: [30, 900], or: '0' },
    'stickiness.app_cookie.cookie_name': { value: '', pattern: COOKIE_NAME },
    'stickiness.app_cookie.duration_seconds': { value: '86400', range: [1, 604800] },
    'stickiness.enabled': flag('false'),
    'stickiness.lb_cookie.duration_seconds': { value: '86400', range: [1, 604800] },
    'stickiness.type': { value: 'lb_cookie', oneOf: ['lb_cookie', 'app_cookie'] },
    'target_group_health.dns_failover.minimum_healthy_targets.count': kept('1'),
    'target_group_health.dns_failover.minimum_healthy_targets.percentage': kept('off'),
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': {
      value: '1',
      range: [1, 1000],
    },
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': kept('off'),
  },
} as const satisfies Record<string, Record<string, AttributeRule>>;

export type AttributeOwner = keyof typeof attributeRules;

const ownerNames: Record<AttributeOwner, string> = {
  loadBalancer: 'Load balancer',
  targetGroup: 'Target group',
};

const rulesOf = (owner: AttributeOwner): Record<string, AttributeRule> => attributeRules[owner];

/** All attributes of a resource, those not set at their defaults. */
export function listAttributes(owner: AttributeOwner, set: ReadonlyMap<string, string>) {
  return Object.entries(rulesOf(owner)).map(([Key, rule]) => ({ Key, Value: set.get(Key) ?? rule.value }));
}

/** Checks attributes to be set; throws `ValidationError` for an unknown key or a value out of bounds. */
export function assertAttributes(owner: AttributeOwner, given: ReadonlyMap<string, string>): void {
  for (const [key, value] of given) {
    const rule = rulesOf(owner)[key];
    if (!rule) {
      throw new AwsFault('ValidationError', `${ownerNames[owner]} attribute key '${key}' is not recognized`);
    }
    assertAttribute(key, value, rule);
  }
}

function assertAttribute(key: string, value: string, rule: AttributeRule): void {
  if (value === rule.or) return;
  if (rule.pattern && !rule.pattern.test(value)) {
    throw new AwsFault(
      'ValidationError',
      `'${key}' value '${value}' must be a cookie name that does not begin with 'AWSALB'`,
    );
  }
  if (rule.range) {
    const [from, to] = rule.range;
    const number = /^\d+$/.test(value) ? Number(value) : -1;
    if (number >= from && number <= to) return;
    throw new AwsFault(
      'ValidationError',
      `'${key}' value '${value}' must be between '${from}-${to}' inclusive`,
    );
  }
  if (!rule.oneOf || rule.oneOf.includes(value)) return;
  throw new AwsFault(
    'InvalidConfigurationRequest',
    `'${key}' value '${value}' is not offered by the local load balancer; it must be one of [${rule.oneOf.join(', ')}]`,
  );
}

type NumberKey =
  | 'deregistration_delay.timeout_seconds'
  | 'slow_start.duration_seconds'
  | 'stickiness.app_cookie.duration_seconds'
  | 'stickiness.lb_cookie.duration_seconds'
  | 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count';

/** A number attribute of a target group, or its default. */
export function attributeNumber(group: { attributes: ReadonlyMap<string, string> }, key: NumberKey): number {
  return Number(group.attributes.get(key) ?? attributeRules.targetGroup[key].value);
}

type TextKey =
  | 'load_balancing.algorithm.type'
  | 'stickiness.app_cookie.cookie_name'
  | 'stickiness.enabled'
  | 'stickiness.type';

/** A text attribute of a target group, or its default. */
export function attributeText(group: { attributes: ReadonlyMap<string, string> }, key: TextKey): string {
  return group.attributes.get(key) ?? attributeRules.targetGroup[key].value;
}

/** A load balancer's `idle_timeout.timeout_seconds`. */
export function idleSeconds(attributes: ReadonlyMap<string, string>): number {
  const key = 'idle_timeout.timeout_seconds';
  return Number(attributes.get(key) ?? attributeRules.loadBalancer[key].value);
}
