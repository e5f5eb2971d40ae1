import { randomBytes } from 'node:crypto';
import type { TargetGroups } from '../ecs/target-groups.ts';
import type { TrafficRules } from '../ecs/traffic-rules.ts';
import { listenerCertificateOperations } from './api/listener-certificates.ts';
import { listenerOperations } from './api/listeners.ts';
import { loadBalancerOperations } from './api/load-balancers.ts';
import type { Elbv2Handlers, Room } from './api/room.ts';
import { ruleOperations } from './api/rules.ts';
import { tagOperations } from './api/tags.ts';
import { targetGroupOperations } from './api/target-groups.ts';
import { targetOperations } from './api/targets.ts';
import { attributeNumber } from './attributes.ts';
import { HealthChecks, type ResolveTarget, type TargetCheck } from './health/health-checks.ts';
import { httpProbe, type Probe } from './health/probe.ts';
import { notRegisteredView } from './health/target-health.ts';
import { checkedTargets, idleMsOf, isInUse, realPortOf } from './lookups.ts';
import type { MetricSink } from './metrics/metric-datum.ts';
import { publishMetrics } from './metrics/publisher.ts';
import { RequestCounts } from './metrics/request-counts.ts';
import { CookieSeal } from './proxy/cookies.ts';
import { FrontDoor } from './proxy/front-door.ts';
import type { ListenerRecord } from './records.ts';
import { Elbv2State } from './state.ts';
import { Targets } from './targets.ts';
import { machineTimer, type Timer } from './timer.ts';
import { type CertificateSource, noCertificates, readCertificate } from './tls/certificates.ts';
import { createTrafficRules } from './traffic-rules.ts';

export interface Elbv2Options {
  clock: { now(): number };
  /** Where a target's address and port are reachable on this machine; `undefined` counts as refused. */
  resolveTarget: ResolveTarget;
  /** Multiplies the deregistration delay and slow start: 1 (default) as on AWS, 0.1 ten times faster. Health checks always keep their own pace. */
  timeScale?: number;
  log?: (line: string) => void;
  timer?: Timer;
  probe?: Probe;
  /** Hears of each health check. */
  checked?: (check: TargetCheck) => void;
  /** Where HTTPS listeners get certificates from; none without it. */
  certificates?: CertificateSource;
  /** Takes the metrics of namespace `AWS/ApplicationELB`, a batch a minute (times `timeScale`). */
  metrics?: MetricSink;
  /** In [0, 1): ids, cookies and the choice among weighted target groups. */
  random?: () => number;
}

export interface Elbv2 {
  /** For `queryService(client, 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/', handlers)`. */
  handlers: Elbv2Handlers;
  targetGroups: TargetGroups;
  /** The weights of rules, default rules included, as blue/green and its like shift them. */
  trafficRules: TrafficRules;
  /** Opens the ports of all listeners, those made later too, and begins the health checks. */
  start(): Promise<void>;
  /** Closes every port, cuts every connection and ends the health checks. The state stays. */
  stop(): Promise<void>;
}

export const ELBV2_XML_NAMESPACE = 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/';

/** Makes the application load balancers of the local AWS: API, health checks and a real HTTP proxy. */
export function createElbv2(options: Elbv2Options): Elbv2 {
  const state = new Elbv2State();
  const now = () => options.clock.now();
  const { resolveTarget, timeScale = 1, timer = machineTimer, random = drawSecurely } = options;
  const { certificates = noCertificates, metrics: sink, probe = httpProbe, log = () => {} } = options;
  const bytes = (size: number) => Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
  const listeners = new Set<() => void>();
  let running: AbortController | undefined;

  const tell = () => {
    for (const listener of listeners) listener();
  };
  const { checked } = options;
  const checks = new HealthChecks({
    ...{ now, timer, timeScale, probe, resolveTarget, changed: tell },
    ...(checked ? { checked } : {}),
  });
  const changed = () => {
    checks.follow(running ? checkedTargets(state) : []);
    tell();
  };
  const targets = new Targets({ now, timer, timeScale, isInUse: (group) => isInUse(state, group), changed });
  const newId = () => [0, 1].map(() => hex8(random())).join('');
  const counts = new RequestCounts();
  const door = new FrontDoor({
    now,
    timer,
    random,
    timeScale,
    resolveTarget,
    targetGroup: (arn) => state.targetGroup(arn),
    idleMs: (listener) => idleMsOf(state, listener),
    record: (request) => counts.record(request),
    realPort: (listener, asked) => realPortOf(state, listener, asked),
    seal: new CookieSeal(`${newId()}${newId()}`),
  });

  const open = async (listener: ListenerRecord) => {
    if (!running) return;
    listener.port = await door.open(listener);
    if (listener.port === listener.askedPort) return;
    log(`Port ${listener.askedPort} is not free: ${listener.arn} listens on 127.0.0.1:${listener.port}.`);
  };
  const room: Room = {
    state,
    targets,
    open,
    close: (listener) => door.close(listener),
    retune: (listener) => door.retune(listener),
    certificate: (arn, context) => readCertificate(certificates, arn, context, bytes),
    changed,
    newId,
  };
  return {
    handlers: handlersOf(room),
    targetGroups: targetGroupsOf(state, targets, (listener) => listeners.add(listener)),
    trafficRules: createTrafficRules(state, changed),
    async start() {
      if (running) return;
      running = new AbortController();
      if (sink) {
        const regions = () => state.regions();
        publishMetrics({ now, timer, timeScale, counts, regions, sink, log }, running.signal);
      }
      for (const region of state.regions()) for (const each of region.listeners.values()) await open(each);
      changed();
    },
    async stop() {
      running?.abort();
      running = undefined;
      checks.follow([]);
      await door.closeAll();
    },
  };
}

const handlersOf = (room: Room) => ({
  ...loadBalancerOperations(room),
  ...targetGroupOperations(room),
  ...targetOperations(room),
  ...listenerOperations(room),
  ...listenerCertificateOperations(room),
  ...ruleOperations(room),
  ...tagOperations(room),
});

/** In [0, 1), from the system's generator. */
const drawSecurely = () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;

const hex8 = (draw: number) =>
  Math.floor(draw * 2 ** 32)
    .toString(16)
    .padStart(8, '0');

/** The side of ELBv2 that ECS sees. A target group that does not exist takes nothing and knows no target. */
function targetGroupsOf(
  state: Elbv2State,
  targets: Targets,
  onChange: (listener: () => void) => void,
): TargetGroups {
  return {
    register(arn, target) {
      const group = state.targetGroup(arn);
      if (group) targets.register(group, target);
    },
    deregister(arn, target) {
      const group = state.targetGroup(arn);
      if (group) targets.deregister(group, target);
    },
    health(arn, target) {
      const group = state.targetGroup(arn);
      return group ? targets.health(group, target) : notRegisteredView;
    },
    exists: (arn) => state.targetGroup(arn) !== undefined,
    deregistrationDelayMs(arn) {
      const group = state.targetGroup(arn);
      return group ? attributeNumber(group, 'deregistration_delay.timeout_seconds') * 1000 : 0;
    },
    onChange,
  };
}
