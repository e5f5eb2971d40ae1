import type {
  CreateTargetGroupInput,
  ModifyTargetGroupInput,
  TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsFault } from '../../fault.ts';
import { elbArn } from '../arn.ts';
import { assertAttributes, listAttributes } from '../attributes.ts';
import { tryParseMatcher } from '../health/matcher.ts';
import {
  type HealthCheckSettings,
  loadBalancersUsing,
  type RegionRecord,
  type TargetGroupRecord,
} from '../records.ts';
import { findTargetGroup, resourceNotFound } from '../state.ts';
import { pageOf } from './page.ts';
import type { Elbv2Handlers, Room } from './room.ts';
import { readAttributes, setTags } from './tags.ts';
import { assertBounds, assertName, assertOneOf, notOffered, validationError } from './validation.ts';

type Operations =
  | 'CreateTargetGroup'
  | 'DescribeTargetGroups'
  | 'ModifyTargetGroup'
  | 'DeleteTargetGroup'
  | 'DescribeTargetGroupAttributes'
  | 'ModifyTargetGroupAttributes';

/** CreateTargetGroup and its like: groups of IP addresses spoken to over HTTP/1.1. */
export function targetGroupOperations(room: Room): Pick<Elbv2Handlers, Operations> {
  return {
    CreateTargetGroup(input, context) {
      const region = room.state.region(context);
      const settings = readSettings(input);
      const known = [...region.targetGroups.values()].find(({ name }) => name === settings.name);
      if (known) return { TargetGroups: [describe(sameOrThrow(known, settings), region)] };
      const arn = elbArn(context, 'targetgroup', `${settings.name}/${room.newId()}`);
      const record = { ...settings, arn, attributes: new Map(), targets: new Map(), turn: 0 };
      setTags(region, arn, input.Tags ?? []);
      region.targetGroups.set(arn, record);
      return { TargetGroups: [describe(record, region)] };
    },
    DescribeTargetGroups(input, context) {
      const region = room.state.region(context);
      const { items, NextMarker } = pageOf(selectTargetGroups(region, input), input);
      return { TargetGroups: items.map((item) => describe(item, region)), NextMarker };
    },
    ModifyTargetGroup(input, context) {
      const region = room.state.region(context);
      const record = findTargetGroup(region, input.TargetGroupArn ?? '');
      record.healthCheck = readHealthCheck(input, record.healthCheck);
      return { TargetGroups: [describe(record, region)] };
    },
    DeleteTargetGroup({ TargetGroupArn: arn = '' }, context) {
      const region = room.state.region(context);
      if (loadBalancersUsing(region, arn).length > 0) {
        throw new AwsFault(
          'ResourceInUse',
          `Target group '${arn}' is currently in use by a listener or a rule`,
        );
      }
      region.targetGroups.delete(arn);
      region.tags.delete(arn);
      room.changed();
      return {};
    },
    DescribeTargetGroupAttributes({ TargetGroupArn = '' }, context) {
      const { attributes } = findTargetGroup(room.state.region(context), TargetGroupArn);
      return { Attributes: listAttributes('targetGroup', attributes) };
    },
    ModifyTargetGroupAttributes({ TargetGroupArn = '', Attributes = [] }, context) {
      const { attributes } = findTargetGroup(room.state.region(context), TargetGroupArn);
      const given = readAttributes(Attributes);
      assertAttributes('targetGroup', given);
      for (const [key, value] of given) attributes.set(key, value);
      return { Attributes: listAttributes('targetGroup', attributes) };
    },
  };
}

type Settings = Pick<TargetGroupRecord, 'name' | 'port' | 'vpcId' | 'healthCheck'>;

const protocols = ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE', 'QUIC', 'TCP_QUIC'];

function readSettings(input: CreateTargetGroupInput): Settings {
  const name = input.Name ?? '';
  assertName('Target group', name);
  const { TargetType = 'instance', ProtocolVersion = 'HTTP1' } = input;
  assertOneOf(TargetType, 'targetType', ['instance', 'ip', 'lambda', 'alb']);
  if (TargetType !== 'ip') throw notOffered(`Target type '${TargetType}'`, "use 'ip', as Fargate tasks do");
  if (input.Protocol === undefined) throw validationError('A protocol must be specified');
  assertOneOf(input.Protocol, 'protocol', protocols);
  if (input.Protocol !== 'HTTP') throw notOffered(`Target group protocol '${input.Protocol}'`, "use 'HTTP'");
  if (ProtocolVersion !== 'HTTP1') throw notOffered(`Protocol version '${ProtocolVersion}'`, "use 'HTTP1'");
  if (input.Port === undefined) throw validationError('A port must be specified');
  assertBounds(input.Port, 'port', [1, 65535]);
  if (!input.VpcId) throw validationError('A VPC ID must be specified');
  return {
    name,
    port: input.Port,
    vpcId: input.VpcId,
    healthCheck: readHealthCheck(input, defaultHealthCheck),
  };
}

/** Source: ELBv2 API, CreateTargetGroup (HTTP target groups of type `ip`). */
const defaultHealthCheck: HealthCheckSettings = {
  port: 'traffic-port',
  path: '/',
  intervalSeconds: 30,
  timeoutSeconds: 6,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: '200',
};

type HealthCheckInput = Omit<ModifyTargetGroupInput, 'TargetGroupArn'>;

function readHealthCheck(input: HealthCheckInput, before: HealthCheckSettings): HealthCheckSettings {
  const settings = {
    port: input.HealthCheckPort ?? before.port,
    path: input.HealthCheckPath ?? before.path,
    intervalSeconds: input.HealthCheckIntervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? before.timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? before.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? before.unhealthyThreshold,
    matcher: input.Matcher?.HttpCode ?? before.matcher,
  };
  assertHealthCheck(settings, input);
  return settings;
}

function assertHealthCheck(settings: HealthCheckSettings, input: HealthCheckInput): void {
  const protocol = input.HealthCheckProtocol ?? 'HTTP';
  assertOneOf(protocol, 'healthCheckProtocol', protocols);
  if (protocol !== 'HTTP') throw notOffered(`Health check protocol '${protocol}'`, "use 'HTTP'");
  if (input.HealthCheckEnabled === false) {
    throw validationError("Health checks cannot be disabled for target groups with target type 'ip'");
  }
  assertBounds(settings.intervalSeconds, 'healthCheckIntervalSeconds', [5, 300]);
  assertBounds(settings.timeoutSeconds, 'healthCheckTimeoutSeconds', [2, 120]);
  assertBounds(settings.healthyThreshold, 'healthyThresholdCount', [2, 10]);
  assertBounds(settings.unhealthyThreshold, 'unhealthyThresholdCount', [2, 10]);
  if (settings.timeoutSeconds >= settings.intervalSeconds) {
    throw validationError(
      `Health check timeout '${settings.timeoutSeconds}' must be smaller than the interval '${settings.intervalSeconds}'`,
    );
  }
  if (!tryParseMatcher(settings.matcher)) {
    throw validationError(
      `Health check matcher HTTP code '${settings.matcher}' must be a code, a list or a range within '200-499' inclusive`,
    );
  }
  assertPathAndPort(settings);
}

function assertPathAndPort({ path, port }: HealthCheckSettings): void {
  if (!/^\/\S{0,1023}$/.test(path)) {
    throw validationError(`Health check path '${path}' must begin with '/' and be at most '1024' characters`);
  }
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (port !== 'traffic-port' && (number < 1 || number > 65535)) {
    throw validationError(`Health check port '${port}' must be in the range of 1-65535 or 'traffic-port'`);
  }
}

function sameOrThrow(known: TargetGroupRecord, wanted: Settings): TargetGroupRecord {
  const keys = ['name', 'port', 'vpcId', 'healthCheck'] as const;
  if (keys.every((key) => JSON.stringify(known[key]) === JSON.stringify(wanted[key]))) return known;
  throw new AwsFault(
    'DuplicateTargetGroupName',
    `A target group with the same name '${wanted.name}' exists, but with different settings`,
  );
}

function selectTargetGroups(
  region: RegionRecord,
  input: { LoadBalancerArn?: string; TargetGroupArns?: string[]; Names?: string[] },
): TargetGroupRecord[] {
  const { LoadBalancerArn, TargetGroupArns, Names } = input;
  if ([LoadBalancerArn, TargetGroupArns?.length, Names?.length].filter(Boolean).length > 1) {
    throw validationError(
      'Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time',
    );
  }
  const all = [...region.targetGroups.values()];
  if (TargetGroupArns?.length) return TargetGroupArns.map((arn) => findTargetGroup(region, arn));
  if (LoadBalancerArn) {
    return all.filter(({ arn }) => loadBalancersUsing(region, arn).includes(LoadBalancerArn));
  }
  if (!Names?.length) return all;
  const named = all.filter(({ name }) => Names.includes(name));
  if (named.length < new Set(Names).size) throw resourceNotFound('targetgroup');
  return named;
}

function describe(record: TargetGroupRecord, region: RegionRecord): TargetGroup {
  const check = record.healthCheck;
  return {
    TargetGroupArn: record.arn,
    TargetGroupName: record.name,
    Protocol: 'HTTP',
    ProtocolVersion: 'HTTP1',
    Port: record.port,
    VpcId: record.vpcId,
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: check.port,
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    HealthCheckPath: check.path,
    Matcher: { HttpCode: check.matcher },
    LoadBalancerArns: loadBalancersUsing(region, record.arn),
    TargetType: 'ip',
    IpAddressType: 'ipv4',
  };
}
