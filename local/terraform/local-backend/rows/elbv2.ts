import { isList, isObject, type ObjectValue, type Value } from '../../protocol/value.ts';
import type { At, Known, Look, Rows, Step } from '../row.ts';
import { first, plain, present, type Shape, shape, shapes, text, texts } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';
import { actionBlocks, actionsOf } from './elbv2-actions.ts';
import { conditionBlocks, conditionsOf } from './elbv2-conditions.ts';

/**
 * Attributes of a load balancer that the local one carries out. The others (logs, desync mitigation, invalid header
 * fields …) are kept in state only.
 */
const balancerAttributes = {
  enable_deletion_protection: 'deletion_protection.enabled',
  enable_http2: 'routing.http2.enabled',
  idle_timeout: 'idle_timeout.timeout_seconds',
  preserve_host_header: 'routing.http.preserve_host_header.enabled',
};
const groupAttributes = {
  deregistration_delay: 'deregistration_delay.timeout_seconds',
  load_balancing_algorithm_type: 'load_balancing.algorithm.type',
  slow_start: 'slow_start.duration_seconds',
};
const stickinessAttributes = {
  enabled: 'stickiness.enabled',
  type: 'stickiness.type',
  cookie_name: 'stickiness.app_cookie.cookie_name',
};
const healthCheck = {
  enabled: 'HealthCheckEnabled',
  healthy_threshold: 'HealthyThresholdCount',
  interval: 'HealthCheckIntervalSeconds',
  path: 'HealthCheckPath',
  port: 'HealthCheckPort',
  protocol: 'HealthCheckProtocol',
  timeout: 'HealthCheckTimeoutSeconds',
  unhealthy_threshold: 'UnhealthyThresholdCount',
};

const tags = {
  read: {
    command: 'DescribeTags',
    input: ({ arn }: Known) => ({ ResourceArns: [arn] }),
    tags: (answer: Shape) => tagsOf(first(answer.TagDescriptions)?.Tags),
  },
  set: {
    command: 'AddTags',
    input: ({ arn }: Known, added: Readonly<Record<string, string>>) => ({
      ResourceArns: [arn],
      Tags: tagList(added),
    }),
  },
  unset: {
    command: 'RemoveTags',
    input: ({ arn }: Known, TagKeys: readonly string[]) => ({ ResourceArns: [arn], TagKeys }),
  },
};

export const elbv2Rows: Rows = {
  aws_lb: {
    service: 'elbv2',
    create: [
      {
        command: 'CreateLoadBalancer',
        input: (value) =>
          present({
            Name: value.name,
            Type: value.load_balancer_type,
            Scheme: value.internal === true ? 'internal' : 'internet-facing',
            Subnets: value.subnets,
            SecurityGroups: value.security_groups,
            IpAddressType: value.ip_address_type,
            Tags: tagList(allTags(value)),
          }),
        result: ({ LoadBalancers }) => arnOf(first(LoadBalancers)?.LoadBalancerArn),
      },
      writeAttributes('LoadBalancer', balancerAttributes),
    ],
    read: [
      {
        command: 'DescribeLoadBalancers',
        input: ({ id }) => ({ LoadBalancerArns: [id] }),
        state: ({ LoadBalancers }) => balancerState(first(LoadBalancers)),
      },
      readAttributes('LoadBalancer', (found, { block }) => attributeState(found, balancerAttributes, block)),
    ],
    update: [
      writeAttributes('LoadBalancer', balancerAttributes),
      {
        command: 'SetSecurityGroups',
        names: ['security_groups'],
        input: (value) => ({ LoadBalancerArn: value.id, SecurityGroups: value.security_groups }),
      },
      {
        command: 'SetSubnets',
        names: ['subnets'],
        input: (value) => ({ LoadBalancerArn: value.id, Subnets: value.subnets }),
      },
    ],
    delete: [{ command: 'DeleteLoadBalancer', input: ({ id }) => ({ LoadBalancerArn: id }) }],
    tags,
    import: arnOf,
  },
  aws_lb_target_group: {
    service: 'elbv2',
    create: [
      {
        command: 'CreateTargetGroup',
        input: (value) =>
          present({
            Name: value.name,
            Port: value.port,
            Protocol: value.protocol,
            ProtocolVersion: value.protocol_version,
            TargetType: value.target_type,
            VpcId: value.vpc_id,
            IpAddressType: value.ip_address_type,
            ...healthSettings(value),
            Tags: tagList(allTags(value)),
          }),
        result: ({ TargetGroups }) => arnOf(first(TargetGroups)?.TargetGroupArn),
      },
      writeAttributes('TargetGroup', groupAttributes),
    ],
    read: [
      {
        command: 'DescribeTargetGroups',
        input: ({ id }) => ({ TargetGroupArns: [id] }),
        state: ({ TargetGroups }) => groupState(first(TargetGroups)),
      },
      readAttributes('TargetGroup', (found, { block }) => ({
        ...attributeState(found, groupAttributes, block),
        stickiness: [stickinessState(found)],
      })),
    ],
    update: [
      {
        command: 'ModifyTargetGroup',
        names: ['health_check'],
        input: (value) => present({ TargetGroupArn: value.id, ...healthSettings(value) }),
      },
      writeAttributes('TargetGroup', groupAttributes),
    ],
    delete: [{ command: 'DeleteTargetGroup', input: ({ id }) => ({ TargetGroupArn: id }) }],
    tags,
    import: arnOf,
  },
  aws_lb_listener: {
    service: 'elbv2',
    create: [
      {
        command: 'CreateListener',
        input: (value) => ({
          ...listenerSettings(value),
          LoadBalancerArn: value.load_balancer_arn,
          Tags: tagList(allTags(value)),
        }),
        result: ({ Listeners }) => arnOf(first(Listeners)?.ListenerArn),
      },
      writeListenerAttributes(),
    ],
    read: [
      {
        command: 'DescribeListeners',
        input: ({ id }) => ({ ListenerArns: [id] }),
        state: ({ Listeners }, state) => listenerState(first(Listeners), state),
      },
      readAttributes('Listener', (found, { block }) => attributeState(found, listenerNames(block), block)),
    ],
    update: [
      {
        command: 'ModifyListener',
        input: (value) => ({ ...listenerSettings(value), ListenerArn: value.id }),
      },
      writeListenerAttributes(),
    ],
    delete: [{ command: 'DeleteListener', input: ({ id }) => ({ ListenerArn: id }) }],
    tags,
    import: arnOf,
  },
  aws_lb_listener_rule: {
    service: 'elbv2',
    create: [
      {
        command: 'DescribeRules',
        when: ({ priority }) => priority === null,
        input: ({ listener_arn: arn }) => ({ ListenerArn: arn }),
        result: ({ Rules }) => ({ priority: nextPriority(Rules) }),
      },
      {
        command: 'CreateRule',
        input: (value) => ({
          ...ruleSettings(value),
          ListenerArn: value.listener_arn,
          Priority: value.priority,
          Tags: tagList(allTags(value)),
        }),
        result: ({ Rules }) => arnOf(first(Rules)?.RuleArn),
      },
    ],
    read: [
      {
        command: 'DescribeRules',
        input: ({ id }) => ({ RuleArns: [id] }),
        state: ({ Rules }, state) => {
          const rule = first(Rules);
          if (rule === undefined) return null;
          return {
            ...arnOf(rule.RuleArn),
            listener_arn: text(rule.RuleArn)
              .replace(':listener-rule/', ':listener/')
              .replace(/\/[^/]+$/, ''),
            priority: Number(rule.Priority),
            action: actionBlocks(rule.Actions, state.action),
            condition: conditionBlocks(rule.Conditions),
          };
        },
      },
    ],
    update: [
      {
        command: 'SetRulePriorities',
        names: ['priority'],
        input: ({ id, priority }) => ({ RulePriorities: [{ RuleArn: id, Priority: priority }] }),
      },
      {
        command: 'ModifyRule',
        names: ['action', 'condition'],
        input: (value) => ({ ...ruleSettings(value), RuleArn: value.id }),
      },
    ],
    delete: [{ command: 'DeleteRule', input: ({ id }) => ({ RuleArn: id }) }],
    tags,
    import: arnOf,
  },
};

function arnOf(arn: unknown): ObjectValue {
  return { id: text(arn), arn: text(arn) };
}

function balancerState(found: Shape | undefined): ObjectValue | null {
  if (found === undefined) return null;
  return {
    ...arnOf(found.LoadBalancerArn),
    arn_suffix: text(found.LoadBalancerArn).replace(/^.*:loadbalancer\//, ''),
    name: plain(found.LoadBalancerName),
    dns_name: plain(found.DNSName),
    zone_id: plain(found.CanonicalHostedZoneId),
    vpc_id: plain(found.VpcId),
    internal: found.Scheme === 'internal',
    load_balancer_type: plain(found.Type),
    ip_address_type: plain(found.IpAddressType),
    security_groups: texts(found.SecurityGroups),
    subnets: shapes(found.AvailabilityZones).map(({ SubnetId }) => text(SubnetId)),
  };
}

function healthSettings(value: Known): Shape {
  const [block] = isList(value.health_check) ? value.health_check : [];
  if (!isObject(block)) return {};
  const settings = Object.entries(healthCheck).map(([name, member]) => [member, block[name]] as const);
  const matcher = block.matcher ? { Matcher: { HttpCode: block.matcher } } : {};
  return present({ ...Object.fromEntries(settings), ...matcher });
}

function groupState(found: Shape | undefined): ObjectValue | null {
  if (found === undefined) return null;
  const check = Object.entries(healthCheck).map(([name, member]) => [name, plain(found[member])] as const);
  return {
    ...arnOf(found.TargetGroupArn),
    arn_suffix: text(found.TargetGroupArn).replace(/^.*:targetgroup\//, 'targetgroup/'),
    name: plain(found.TargetGroupName),
    port: plain(found.Port),
    protocol: plain(found.Protocol),
    protocol_version: plain(found.ProtocolVersion),
    target_type: plain(found.TargetType),
    vpc_id: plain(found.VpcId),
    ip_address_type: plain(found.IpAddressType),
    load_balancer_arns: texts(found.LoadBalancerArns),
    health_check: [{ ...Object.fromEntries(check), matcher: plain(shape(found.Matcher).HttpCode) }],
  };
}

function stickinessState(found: Readonly<Record<string, string>>): ObjectValue {
  const kind = found['stickiness.type'] ?? 'lb_cookie';
  const seconds = found[`stickiness.${kind}.duration_seconds`];
  return {
    enabled: found['stickiness.enabled'] === 'true',
    type: kind,
    cookie_name: found[stickinessAttributes.cookie_name] ?? '',
    cookie_duration: seconds === undefined ? null : Number(seconds),
  };
}

function stickinessOf(value: Known): Shape[] {
  const [block] = isList(value.stickiness) ? value.stickiness : [];
  if (!isObject(block)) return [];
  const named = Object.entries(stickinessAttributes).map(([name, Key]) => ({
    Key,
    Value: text(block[name]),
  }));
  const duration = {
    Key: `stickiness.${text(block.type)}.duration_seconds`,
    Value: text(block.cookie_duration),
  };
  return [...named, duration].filter(({ Value }) => Value !== '');
}

function listenerSettings(value: Known): Shape {
  return present({
    Port: value.port,
    Protocol: value.protocol,
    SslPolicy: value.ssl_policy || undefined,
    Certificates: value.certificate_arn ? [{ CertificateArn: value.certificate_arn }] : undefined,
    DefaultActions: actionsOf(value.default_action),
  });
}

function listenerState(found: Shape | undefined, state: Known): ObjectValue | null {
  if (found === undefined) return null;
  return {
    ...arnOf(found.ListenerArn),
    load_balancer_arn: plain(found.LoadBalancerArn),
    port: portOf(found, state),
    protocol: plain(found.Protocol),
    ssl_policy: plain(found.SslPolicy),
    certificate_arn: plain(first(found.Certificates)?.CertificateArn),
    default_action: actionBlocks(found.DefaultActions, state.default_action),
  };
}

/** The local load balancer opens another port for one below 1024, which is not everybody's to open. */
function portOf({ Port }: Shape, { port }: Known): Value {
  return typeof port === 'number' && port < 1024 ? port : plain(Port);
}

function ruleSettings(value: Known): Shape {
  return { Actions: actionsOf(value.action), Conditions: conditionsOf(value.condition) };
}

/** The default rule has no number. */
function nextPriority(rules: unknown): number {
  const numbers = shapes(rules).map(({ Priority }) => Number(Priority));
  return Math.max(0, ...numbers.filter((number) => Number.isInteger(number))) + 1;
}

function writeAttributes(
  noun: 'LoadBalancer' | 'TargetGroup',
  names: Readonly<Record<string, string>>,
): Step {
  return {
    command: `Modify${noun}Attributes`,
    input: (value) => ({
      [`${noun}Arn`]: value.id,
      Attributes: [...attributesOf(value, names), ...(noun === 'TargetGroup' ? stickinessOf(value) : [])],
    }),
  };
}

function writeListenerAttributes(): Step {
  const ofListener = (value: Known, at: At) => attributesOf(value, listenerNames(at.block));
  return {
    command: 'ModifyListenerAttributes',
    when: (value) =>
      Object.keys(value).some(
        (name) => name.startsWith('routing_http_response') && value[name] !== null && value[name] !== '',
      ),
    input: (value, at) => ({ ListenerArn: value.id, Attributes: ofListener(value, at) }),
  };
}

function readAttributes(
  noun: 'Listener' | 'LoadBalancer' | 'TargetGroup',
  state: (found: Readonly<Record<string, string>>, at: At) => ObjectValue,
): Look {
  return {
    command: `Describe${noun}Attributes`,
    input: ({ id }) => ({ [`${noun}Arn`]: id }),
    state: ({ Attributes }, _, at) => state(tagsOf(Attributes), at),
  };
}

function attributesOf(value: Known, names: Readonly<Record<string, string>>): Shape[] {
  return Object.entries(names)
    .filter(([name]) => value[name] !== null && value[name] !== undefined && value[name] !== '')
    .map(([name, Key]) => ({ Key, Value: text(value[name]) }));
}

function attributeState(
  found: Readonly<Record<string, string>>,
  names: Readonly<Record<string, string>>,
  block: At['block'],
): ObjectValue {
  const answered = Object.entries(names).filter(([, key]) => found[key] !== undefined);
  return Object.fromEntries(
    answered.map(([name, key]) => {
      const value = found[key] ?? '';
      const type = block.attributes[name]?.type;
      if (type === 'number') return [name, Number(value)];
      return [name, type === 'bool' ? value === 'true' : value];
    }),
  );
}

/** `routing_http_response_server_enabled` is `routing.http.response.server.enabled`. */
function listenerNames({ attributes }: At['block']): Record<string, string> {
  return Object.fromEntries(
    Object.keys(attributes).flatMap((name) => {
      const [, header, member] = name.match(/^routing_http_response_(.+)_(header_value|enabled)$/) ?? [];
      return header === undefined ? [] : [[name, `routing.http.response.${header}.${member}`]];
    }),
  );
}
