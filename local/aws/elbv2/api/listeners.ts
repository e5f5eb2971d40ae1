import type {
  CreateListenerInput,
  Listener,
  ModifyListenerInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsFault } from '../../fault.ts';
import type { RequestContext } from '../../wire/service.ts';
import { arnPath, elbArn } from '../arn.ts';
import { assertListenerAttributes, listListenerAttributes } from '../listener-attributes.ts';
import type { ListenerRecord, RegionRecord, TlsSettings } from '../records.ts';
import { findListener, findLoadBalancer } from '../state.ts';
import { readActions } from './actions.ts';
import { readTls } from './listener-certificates.ts';
import { pageOf } from './page.ts';
import type { Elbv2Handlers, Room } from './room.ts';
import { readAttributes, setTags } from './tags.ts';
import { assertBounds, assertOneOf, notOffered, validationError } from './validation.ts';

type Operations =
  | 'CreateListener'
  | 'DescribeListeners'
  | 'ModifyListener'
  | 'DeleteListener'
  | 'DescribeListenerAttributes'
  | 'ModifyListenerAttributes';

/** CreateListener and its like. `Port` in the answers is the port really open on 127.0.0.1. */
export function listenerOperations(room: Room): Pick<Elbv2Handlers, Operations> {
  return {
    async CreateListener(input, context) {
      const region = room.state.region(context);
      const balancer = findLoadBalancer(region, input.LoadBalancerArn ?? '');
      const port = readPort(input.Port);
      const protocol = readProtocol(input.Protocol);
      assertPortUnused(region, balancer.arn, port);
      const defaultActions = readActions(region, balancer.arn, input.DefaultActions ?? []);
      const tls = await readSecurity(room, protocol, input, context);
      const arn = elbArn(context, 'listener', `${arnPath(balancer.arn)}/${room.newId()}`);
      const defaultRuleArn = elbArn(context, 'listener-rule', `${arnPath(arn)}/${room.newId()}`);
      const record: ListenerRecord = {
        arn,
        loadBalancerArn: balancer.arn,
        askedPort: port,
        port,
        ...(tls && { tls }),
        attributes: new Map(),
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
      const record = findListener(room.state.region(context), input.ListenerArn ?? '');
      await modify(room, record, input, context);
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
    DescribeListenerAttributes({ ListenerArn = '' }, context) {
      const { attributes } = findListener(room.state.region(context), ListenerArn);
      return { Attributes: listListenerAttributes(attributes) };
    },
    ModifyListenerAttributes({ ListenerArn = '', Attributes = [] }, context) {
      const { attributes } = findListener(room.state.region(context), ListenerArn);
      const given = readAttributes(Attributes);
      assertListenerAttributes(given);
      for (const [key, value] of given) attributes.set(key, value);
      return { Attributes: listListenerAttributes(attributes) };
    },
  };
}

/** Checks everything, then changes it in one step; only another port or protocol opens another server. */
async function modify(
  room: Room,
  record: ListenerRecord,
  input: ModifyListenerInput,
  context: RequestContext,
): Promise<void> {
  const region = room.state.region(context);
  const port = input.Port === undefined ? record.askedPort : readPort(input.Port);
  const protocol = input.Protocol === undefined ? protocolOf(record) : readProtocol(input.Protocol);
  const moves = port !== record.askedPort && port !== record.port;
  if (moves) assertPortUnused(region, record.loadBalancerArn, port);
  const actions = input.DefaultActions && readActions(region, record.loadBalancerArn, input.DefaultActions);
  const tls = await readSecurity(room, protocol, withKept(record.tls, input), context);
  const turns = protocol !== protocolOf(record);
  if (actions) record.defaultActions = actions;
  if (tls) record.tls = { ...tls, certificates: [...tls.certificates, ...othersOf(record.tls, tls)] };
  else delete record.tls;
  if (!moves && !turns) {
    room.retune(record);
    return;
  }
  await room.close(record);
  Object.assign(record, { askedPort: port, port });
  await room.open(record);
}

type SecurityInput = Pick<
  CreateListenerInput,
  'SslPolicy' | 'Certificates' | 'AlpnPolicy' | 'MutualAuthentication'
>;

/** What a change says of TLS, with what the listener has where it says nothing. */
function withKept(tls: TlsSettings | undefined, input: SecurityInput): SecurityInput {
  if (!tls) return input;
  const first = tls.certificates.slice(0, 1).map(({ arn }) => ({ CertificateArn: arn }));
  const isToHttp = 'Protocol' in input && input.Protocol === 'HTTP';
  if (isToHttp) return input;
  return { ...input, SslPolicy: input.SslPolicy ?? tls.policy, Certificates: input.Certificates ?? first };
}

const othersOf = (before: TlsSettings | undefined, now: TlsSettings) =>
  (before?.certificates.slice(1) ?? []).filter(
    ({ arn }) => !now.certificates.some((certificate) => certificate.arn === arn),
  );

async function readSecurity(
  room: Room,
  protocol: 'HTTP' | 'HTTPS',
  input: SecurityInput,
  context: RequestContext,
): Promise<TlsSettings | undefined> {
  if (input.AlpnPolicy?.some((policy) => policy !== 'None')) {
    throw notOffered('An ALPN policy', 'leave AlpnPolicy out');
  }
  if (input.MutualAuthentication?.Mode && input.MutualAuthentication.Mode !== 'off') {
    throw notOffered('Mutual authentication', "use Mode 'off'");
  }
  if (protocol === 'HTTPS') return readTls(room, input, context);
  if (input.Certificates?.length)
    throw validationError('A certificate cannot be specified for HTTP listeners');
  if (input.SslPolicy) throw validationError('An SSL policy cannot be specified for HTTP listeners');
  return undefined;
}

function readPort(port: number | undefined): number {
  if (port === undefined) throw validationError('A listener port must be specified');
  assertBounds(port, 'port', [1, 65535]);
  return port;
}

function readProtocol(protocol: string | undefined): 'HTTP' | 'HTTPS' {
  if (protocol === undefined) throw validationError('A listener protocol must be specified');
  const known = ['HTTP', 'HTTPS', 'UDP', 'TCP', 'TLS', 'TCP_UDP', 'GENEVE', 'QUIC', 'TCP_QUIC'];
  assertOneOf(protocol, 'protocol', known);
  if (protocol === 'HTTP' || protocol === 'HTTPS') return protocol;
  throw validationError(`Listener protocol '${protocol}' must be one of 'HTTP, HTTPS'`);
}

const protocolOf = ({ tls }: ListenerRecord) => (tls ? 'HTTPS' : 'HTTP');

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
  const { tls } = record;
  const [first] = tls?.certificates ?? [];
  return {
    ListenerArn: record.arn,
    LoadBalancerArn: record.loadBalancerArn,
    Port: record.port,
    Protocol: protocolOf(record),
    DefaultActions: record.defaultActions,
    ...(tls && { SslPolicy: tls.policy, MutualAuthentication: { Mode: 'off' } }),
    ...(first && { Certificates: [{ CertificateArn: first.arn }] }),
  };
}
