import type { Listener } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsFault } from '../../fault.ts';
import { arnPath, elbArn } from '../arn.ts';
import type { ListenerRecord, RegionRecord } from '../records.ts';
import { findListener, findLoadBalancer } from '../state.ts';
import { readActions } from './actions.ts';
import { pageOf } from './page.ts';
import type { Elbv2Handlers, Room } from './room.ts';
import { setTags } from './tags.ts';
import { assertBounds, assertOneOf, validationError } from './validation.ts';

type Operations = 'CreateListener' | 'DescribeListeners' | 'ModifyListener' | 'DeleteListener';

/** CreateListener and its like: HTTP listeners. `Port` in the answers is the port really open on 127.0.0.1. */
export function listenerOperations(room: Room): Pick<Elbv2Handlers, Operations> {
  return {
    async CreateListener(input, context) {
      const region = room.state.region(context);
      const balancer = findLoadBalancer(region, input.LoadBalancerArn ?? '');
      const port = readPort(input.Port);
      assertProtocol(input.Protocol);
      assertPortUnused(region, balancer.arn, port);
      const defaultActions = readActions(region, balancer.arn, input.DefaultActions ?? []);
      const arn = elbArn(context, 'listener', `${arnPath(balancer.arn)}/${room.newId()}`);
      const defaultRuleArn = elbArn(context, 'listener-rule', `${arnPath(arn)}/${room.newId()}`);
      const record: ListenerRecord = {
        arn,
        loadBalancerArn: balancer.arn,
        askedPort: port,
        port,
        defaultRuleArn,
        defaultActions,
        rules: [],
      };
      setTags(region, arn, input.Tags ?? []);
      region.listeners.set(arn, record);
      await room.open(record);
      room.changed();
      return { Listeners: [describe(record)] };
    },
    DescribeListeners(input, context) {
      const { items, NextMarker } = pageOf(selectListeners(room.state.region(context), input), input);
      return { Listeners: items.map(describe), NextMarker };
    },
    async ModifyListener(input, context) {
      const region = room.state.region(context);
      const record = findListener(region, input.ListenerArn ?? '');
      const port = input.Port === undefined ? record.askedPort : readPort(input.Port);
      if (input.Protocol !== undefined) assertProtocol(input.Protocol);
      const moves = port !== record.askedPort && port !== record.port;
      if (moves) assertPortUnused(region, record.loadBalancerArn, port);
      if (input.DefaultActions) {
        record.defaultActions = readActions(region, record.loadBalancerArn, input.DefaultActions);
      }
      if (moves) {
        record.askedPort = port;
        record.port = port;
        await room.close(record);
        await room.open(record);
      }
      room.changed();
      return { Listeners: [describe(record)] };
    },
    async DeleteListener({ ListenerArn = '' }, context) {
      const region = room.state.region(context);
      const record = findListener(region, ListenerArn);
      region.listeners.delete(record.arn);
      for (const gone of [record, ...record.rules]) region.tags.delete(gone.arn);
      await room.close(record);
      room.changed();
      return {};
    },
  };
}

function readPort(port: number | undefined): number {
  if (port === undefined) throw validationError('A listener port must be specified');
  assertBounds(port, 'port', [1, 65535]);
  return port;
}

function assertProtocol(protocol: string | undefined): void {
  if (protocol === undefined) throw validationError('A listener protocol must be specified');
  const known = ['HTTP', 'HTTPS', 'UDP', 'TCP', 'TLS', 'TCP_UDP', 'GENEVE', 'QUIC', 'TCP_QUIC'];
  assertOneOf(protocol, 'protocol', known);
  if (protocol === 'HTTPS') {
    throw new AwsFault(
      'UnsupportedProtocol',
      "Listener protocol 'HTTPS' is not offered by the local load balancer; use 'HTTP'",
    );
  }
  if (protocol !== 'HTTP') {
    throw validationError(`Listener protocol '${protocol}' must be one of 'HTTP, HTTPS'`);
  }
}

function assertPortUnused(region: RegionRecord, loadBalancerArn: string, port: number): void {
  for (const listener of region.listeners.values()) {
    if (listener.loadBalancerArn !== loadBalancerArn || listener.askedPort !== port) continue;
    throw new AwsFault(
      'DuplicateListener',
      `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
    );
  }
}

function selectListeners(
  region: RegionRecord,
  { LoadBalancerArn, ListenerArns }: { LoadBalancerArn?: string; ListenerArns?: string[] },
): ListenerRecord[] {
  if (ListenerArns?.length) return ListenerArns.map((arn) => findListener(region, arn));
  if (!LoadBalancerArn) {
    throw validationError('You must specify either listener ARNs or a load balancer ARN');
  }
  const { arn } = findLoadBalancer(region, LoadBalancerArn);
  return [...region.listeners.values()].filter(({ loadBalancerArn }) => loadBalancerArn === arn);
}

function describe(record: ListenerRecord): Listener {
  return {
    ListenerArn: record.arn,
    LoadBalancerArn: record.loadBalancerArn,
    Port: record.port,
    Protocol: 'HTTP',
    DefaultActions: record.defaultActions,
  };
}
