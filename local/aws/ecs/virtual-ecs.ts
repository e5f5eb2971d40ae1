import * as scalingClient from '@aws-sdk/client-application-auto-scaling';
import * as client from '@aws-sdk/client-ecs';
import { SCALING_REFUSALS } from '../autoscaling/api/constraints.ts';
import { type AutoScaling, createAutoScaling } from '../autoscaling/autoscaling.ts';
import { createScriptedMetrics, type ScriptedMetrics } from '../autoscaling/scripted-metrics.ts';
import type { FaultRule } from '../faults/fault-rule.ts';
import { createFaults, type Faults } from '../faults/faults.ts';
import { withReadLag } from '../limits/read-lag.ts';
import { ECS_NOT_CARRIED_OUT } from '../not-carried-out.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { withEdge } from '../service-edge.ts';
import { inProcessHandler } from '../wire/in-process.ts';
import { jsonService } from '../wire/json.ts';
import type { AwsService } from '../wire/service.ts';
import { createEcs, type Ecs, type EcsOptions, type ImageResolver } from './ecs.ts';
import type { Random } from './engine/identifiers.ts';
import { type AlarmScript, createScriptedAlarms, type ScriptedAlarms } from './runtime/scripted-alarms.ts';
import { createScriptedHooks, type HookScript, type ScriptedHooks } from './runtime/scripted-hooks.ts';
import { createScriptedRuntime, type ScriptedRuntime, type TaskScript } from './runtime/scripted-runtime.ts';
import { createScriptedTargetGroups, type ScriptedTargetGroups } from './runtime/scripted-target-groups.ts';
import { createScriptedTrafficRules, type ScriptedTrafficRules } from './runtime/scripted-traffic-rules.ts';
import { savingOf } from './virtual-state.ts';

export { createSeededRandom } from '../seeded-random.ts';

/** A clock whose `sleep` moves `now` forward at once. */
export interface VirtualClock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface VirtualEcsOptions extends Pick<EcsOptions, 'timeScale' | 'drainOrder'> {
  /** Any clock of that shape will do; without one the ECS brings its own. */
  clock?: VirtualClock;
  /** How tasks behave; without one all goes well. */
  script?: TaskScript;
  /** A runtime of one's own instead of a script, at the clock's time. */
  runtime?: ScriptedRuntime;
  /** What lifecycle hooks answer; without it all succeed at once. */
  hooks?: HookScript;
  /** The alarms there are, and how they behave. */
  alarms?: Readonly<Record<string, AlarmScript>>;
  images?: ImageResolver;
  /** Whether ECS's API rate buckets count; off by default. */
  apiBuckets?: boolean;
  /** How long reads of a service do not see a write, in milliseconds; 0 by default. */
  readLagMs?: number;
  /** What goes wrong with calls, drawn from `faultSeed` (1 by default) where chance plays a part. */
  faults?: readonly FaultRule[];
  faultSeed?: number;
  /** Begins what ids are drawn from, and faults where `faultSeed` is absent; 1 by default. */
  seed?: number;
  /** Where ids are drawn from, instead of a seed. */
  random?: Random;
  /** 12 digits; default 123456789012. */
  accountId?: string;
  region?: string;
}

export interface VirtualEcs {
  /** For `new ECSClient({ requestHandler, … })`: the bytes of the wire, no socket. */
  requestHandler: ReturnType<typeof inProcessHandler>;
  /** A client that is set up with it already. */
  client: client.ECSClient;
  ecs: Ecs;
  /** For `new ApplicationAutoScalingClient({ requestHandler, … })`: what scales these services, in the same time. */
  scalingRequestHandler: ReturnType<typeof inProcessHandler>;
  /** A client that is set up with it already. */
  scalingClient: scalingClient.ApplicationAutoScalingClient;
  autoScaling: AutoScaling;
  /** The metrics that scaling policies track; there are none until they are set. */
  metrics: ScriptedMetrics;
  clock: VirtualClock;
  runtime: ScriptedRuntime;
  targetGroups: ScriptedTargetGroups;
  alarms: ScriptedAlarms;
  trafficRules: ScriptedTrafficRules;
  hooks: ScriptedHooks;
  /** The faults that are set; more can be added at any time. */
  faults: Faults;
  /** Names of the operations called, in order, of both services. */
  calls: string[];
  /** The ECS and the scripted outside it stands in, as JSON; scaling and faults are set up anew. */
  save(): string;
  /**
   * Begins from what `save` gave, with scripts for the same images, alarms and hooks, and a `random` that goes
   * on where the saved one stood or begins elsewhere. Throws where `Ecs.load` does.
   */
  load(saved: string): void;
}

/** 2026-01-01T00:00:00Z. */
const EPOCH = Date.UTC(2026, 0, 1);
/** Scaling draws its ids by itself, so that a service that is not scaled has the same ids with and without it. */
const SCALING_SEED = 2;

/** Makes a clock that stands still until somebody sleeps. An aborted sleep rejects with the signal's reason. */
export function createVirtualClock(startsAt = EPOCH): VirtualClock {
  let now = startsAt;
  return {
    now: () => now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      now += Math.max(0, ms);
    },
  };
}

/**
 * Makes a whole ECS, and what scales it, in this process and in virtual time, driven by the real SDK clients: each call first lets
 * everything happen that is due up to the clock's `now`; nothing sleeps.
 */
export function createVirtualEcs(options: VirtualEcsOptions = {}): VirtualEcs {
  const { script = () => ({}), images = { resolve: async () => undefined } } = options;
  const { accountId = '123456789012', region = 'us-east-1', timeScale = 1, drainOrder } = options;
  const clock = options.clock ?? createVirtualClock();
  const startsAt = clock.now();
  const runtime = options.runtime ?? createScriptedRuntime(script, startsAt);
  const targetGroups = createScriptedTargetGroups(runtime.targetBehaviour, { startsAt, timeScale });
  const alarms = createScriptedAlarms(options.alarms, startsAt);
  const trafficRules = createScriptedTrafficRules();
  const hooks = createScriptedHooks(options.hooks ?? (() => ({ hookStatus: 'SUCCEEDED' })), startsAt);
  const metrics = createScriptedMetrics(startsAt, timeScale);
  const autoScaling = createAutoScaling({
    clock,
    ecs: () => ecs,
    metrics,
    random: createSeededRandom(SCALING_SEED),
    timeScale,
  });
  const ecs: Ecs = createEcs({
    clock,
    runtime,
    targetGroups,
    images,
    alarms,
    trafficRules,
    hooks,
    random: options.random ?? createSeededRandom(options.seed),
    timeScale,
    sources: [runtime, targetGroups, alarms, hooks, metrics, autoScaling],
    ...(drainOrder === undefined ? {} : { drainOrder }),
  });
  const faults = createFaults(createSeededRandom, options.faults, options.faultSeed ?? options.seed);
  const { readLagMs = 0, apiBuckets = false } = options;
  const isOn = () => readLagMs > 0 || faults.hasStale();
  const handlers = withReadLag(ecs.handlers, { lagMs: readLagMs, isOn });
  const edge = { apiBuckets, faults: { faults, sleep: clock.sleep } };
  const calls: string[] = [];
  const handlerOf = (service: AwsService) =>
    inProcessHandler(
      (request) => {
        calls.push(request.target?.split('.').pop() ?? '');
        return service(request);
      },
      (signer) => ({ accountId, region: signer.region, accessKeyId: signer.accessKeyId, now: clock.now() }),
    );
  const requestHandler = handlerOf(
    withEdge('ecs', jsonService(client, handlers, { notCarriedOut: ECS_NOT_CARRIED_OUT }), edge),
  );
  const scaling = jsonService(scalingClient, autoScaling.handlers, SCALING_REFUSALS);
  const scalingRequestHandler = handlerOf(withEdge('application-autoscaling', scaling, edge));
  const credentials = { accessKeyId: accountId, secretAccessKey: 'virtual' };
  const settings = { region, credentials, maxAttempts: 1 };
  return {
    requestHandler,
    client: new client.ECSClient({ ...settings, requestHandler }),
    ecs,
    scalingRequestHandler,
    scalingClient: new scalingClient.ApplicationAutoScalingClient({
      ...settings,
      requestHandler: scalingRequestHandler,
    }),
    autoScaling,
    metrics,
    clock,
    runtime,
    targetGroups,
    alarms,
    trafficRules,
    hooks,
    faults,
    calls,
    ...savingOf({ ecs, targetGroups, alarms, trafficRules, hooks }),
  };
}
