import { isList, isObject, type ObjectValue } from '../../protocol/value.ts';
import type { Known, Rows } from '../row.ts';
import { first, plain, present, type Shape, shape, text, texts } from '../shape.ts';
import { allTags, tagList } from '../tags.ts';
import {
  arnOf,
  attributeState,
  readAttributes,
  stickinessAttributes,
  tags,
  writeAttributes,
} from './elbv2-attributes.ts';

const groupAttributes = {
  deregistration_delay: 'deregistration_delay.timeout_seconds',
  load_balancing_algorithm_type: 'load_balancing.algorithm.type',
  slow_start: 'slow_start.duration_seconds',
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

/** Target groups. */
export const targetGroupRows: Rows = {
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
};

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
