import type { CreateLoadBalancerInput, LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsFault } from '../../fault.ts';
import { elbArn } from '../arn.ts';
import { assertAttributes, listAttributes } from '../attributes.ts';
import type { LoadBalancerRecord, RegionRecord } from '../records.ts';
import { findLoadBalancer } from '../state.ts';
import { pageOf } from './page.ts';
import type { Elbv2Handlers, Room } from './room.ts';
import { readAttributes, setTags } from './tags.ts';
import { assertName, assertOneOf, notOffered, validationError } from './validation.ts';

type Operations =
  | 'CreateLoadBalancer'
  | 'DescribeLoadBalancers'
  | 'DeleteLoadBalancer'
  | 'DescribeLoadBalancerAttributes'
  | 'ModifyLoadBalancerAttributes'
  | 'SetSubnets'
  | 'SetSecurityGroups'
  | 'SetIpAddressType';

/** CreateLoadBalancer and its like: application load balancers only. */
export function loadBalancerOperations(room: Room): Pick<Elbv2Handlers, Operations> {
  return {
    CreateLoadBalancer(input, context) {
      const region = room.state.region(context);
      const settings = readSettings(input);
      const known = [...region.loadBalancers.values()].find(({ name }) => name === settings.name);
      if (known) return { LoadBalancers: [describe(sameOrThrow(known, settings), region, 'active')] };
      const arn = elbArn(context, 'loadbalancer', `app/${settings.name}/${room.newId()}`);
      const record = { ...settings, arn, createdAt: new Date(context.now), attributes: new Map() };
      setTags(region, arn, input.Tags ?? []);
      region.loadBalancers.set(arn, record);
      return { LoadBalancers: [describe(record, region, 'provisioning')] };
    },
    DescribeLoadBalancers(input, context) {
      const region = room.state.region(context);
      const { items, NextMarker } = pageOf(selectLoadBalancers(region, input), input);
      return { LoadBalancers: items.map((item) => describe(item, region, 'active')), NextMarker };
    },
    async DeleteLoadBalancer({ LoadBalancerArn: arn = '' }, context) {
      const region = room.state.region(context);
      const record = region.loadBalancers.get(arn);
      if (!record) return {};
      if (record.attributes.get('deletion_protection.enabled') === 'true') {
        throw new AwsFault(
          'OperationNotPermitted',
          `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
        );
      }
      await removeLoadBalancer(room, region, arn);
      return {};
    },
    DescribeLoadBalancerAttributes({ LoadBalancerArn = '' }, context) {
      const { attributes } = findLoadBalancer(room.state.region(context), LoadBalancerArn);
      return { Attributes: listAttributes('loadBalancer', attributes) };
    },
    ModifyLoadBalancerAttributes({ LoadBalancerArn = '', Attributes = [] }, context) {
      const { attributes } = findLoadBalancer(room.state.region(context), LoadBalancerArn);
      const given = readAttributes(Attributes);
      assertAttributes('loadBalancer', given);
      for (const [key, value] of given) attributes.set(key, value);
      return { Attributes: listAttributes('loadBalancer', attributes) };
    },
    SetSubnets(input, context) {
      const region = room.state.region(context);
      const record = findLoadBalancer(region, input.LoadBalancerArn ?? '');
      if (input.IpAddressType) assertIpAddressType(input.IpAddressType);
      record.subnetIds = readSubnets(input);
      const { AvailabilityZones } = describe(record, region, 'active');
      return { AvailabilityZones, IpAddressType: record.ipAddressType };
    },
    SetSecurityGroups({ LoadBalancerArn = '', SecurityGroups = [] }, context) {
      const record = findLoadBalancer(room.state.region(context), LoadBalancerArn);
      const odd = SecurityGroups.find((id) => !/^sg-[0-9a-z-]+$/.test(id));
      if (odd !== undefined) {
        throw new AwsFault(
          'InvalidSecurityGroup',
          `The security group '${odd}' is not valid; it begins with 'sg-'`,
        );
      }
      record.securityGroups = SecurityGroups;
      return { SecurityGroupIds: SecurityGroups };
    },
    SetIpAddressType({ LoadBalancerArn = '', IpAddressType = 'ipv4' }, context) {
      const record = findLoadBalancer(room.state.region(context), LoadBalancerArn);
      assertIpAddressType(IpAddressType);
      return { IpAddressType: record.ipAddressType };
    },
  };
}

type Settings = Omit<LoadBalancerRecord, 'arn' | 'createdAt' | 'attributes'>;

function readSettings(input: CreateLoadBalancerInput): Settings {
  const name = input.Name ?? '';
  assertName('Load balancer', name);
  const { Type = 'application', Scheme = 'internet-facing', IpAddressType = 'ipv4' } = input;
  assertOneOf(Type, 'type', ['application', 'network', 'gateway']);
  if (Type !== 'application') throw notOffered(`Load balancer type '${Type}'`, "use type 'application'");
  assertOneOf(Scheme, 'scheme', ['internet-facing', 'internal']);
  assertIpAddressType(IpAddressType);
  const subnetIds = readSubnets(input);
  const securityGroups = input.SecurityGroups ?? [];
  return { name, scheme: Scheme, ipAddressType: IpAddressType, subnetIds, securityGroups };
}

function assertIpAddressType(type: string): void {
  assertOneOf(type, 'ipAddressType', ['ipv4', 'dualstack', 'dualstack-without-public-ipv4']);
  if (type !== 'ipv4') throw notOffered(`IP address type '${type}'`, "use 'ipv4'");
}

function readSubnets(input: Pick<CreateLoadBalancerInput, 'Subnets' | 'SubnetMappings'>): string[] {
  if (input.Subnets?.length && input.SubnetMappings?.length) {
    throw validationError('You can specify either subnets or subnet mappings, but not both');
  }
  const subnetIds = input.SubnetMappings?.map(({ SubnetId = '' }) => SubnetId) ?? input.Subnets ?? [];
  if (new Set(subnetIds).size < 2) {
    throw validationError('At least two subnets in two different Availability Zones must be specified');
  }
  return subnetIds;
}

function sameOrThrow(known: LoadBalancerRecord, wanted: Settings): LoadBalancerRecord {
  const keys = ['name', 'scheme', 'ipAddressType', 'subnetIds', 'securityGroups'] as const;
  if (keys.every((key) => JSON.stringify(known[key]) === JSON.stringify(wanted[key]))) return known;
  throw new AwsFault(
    'DuplicateLoadBalancerName',
    `A load balancer with the same name '${wanted.name}' exists, but with different settings`,
  );
}

function selectLoadBalancers(
  region: RegionRecord,
  { LoadBalancerArns, Names }: { LoadBalancerArns?: string[]; Names?: string[] },
): LoadBalancerRecord[] {
  if (LoadBalancerArns?.length && Names?.length) {
    throw validationError('Load balancer names and load balancer ARNs cannot be specified at the same time');
  }
  const all = [...region.loadBalancers.values()];
  if (LoadBalancerArns?.length) return LoadBalancerArns.map((arn) => findLoadBalancer(region, arn));
  if (!Names?.length) return all;
  const missing = Names.filter((name) => !all.some((record) => record.name === name));
  if (missing.length === 0) return all.filter(({ name }) => Names.includes(name));
  throw new AwsFault('LoadBalancerNotFound', `Load balancers '[${missing.join(', ')}]' not found`);
}

async function removeLoadBalancer(room: Room, region: RegionRecord, arn: string): Promise<void> {
  for (const listener of [...region.listeners.values()]) {
    if (listener.loadBalancerArn !== arn) continue;
    region.listeners.delete(listener.arn);
    for (const gone of [listener, ...listener.rules]) region.tags.delete(gone.arn);
    await room.close(listener);
  }
  region.loadBalancers.delete(arn);
  region.tags.delete(arn);
  room.changed();
}

function describe(
  record: LoadBalancerRecord,
  { region }: RegionRecord,
  state: 'provisioning' | 'active',
): LoadBalancer {
  return {
    LoadBalancerArn: record.arn,
    DNSName: '127.0.0.1',
    CreatedTime: record.createdAt,
    LoadBalancerName: record.name,
    Scheme: record.scheme,
    State: { Code: state },
    Type: 'application',
    AvailabilityZones: record.subnetIds.map((SubnetId, index) => ({
      ZoneName: `${region}${'abcdef'.charAt(index % 6)}`,
      SubnetId,
      LoadBalancerAddresses: [],
    })),
    SecurityGroups: record.securityGroups,
    IpAddressType: record.ipAddressType,
  };
}
