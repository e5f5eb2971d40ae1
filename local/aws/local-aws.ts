import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ensureBaseImage } from '../machine/base-image.ts';
import { connectDocker } from '../machine/docker-client.ts';
import { ensureDockerEngine } from '../machine/docker-engine.ts';
import { thisMachine } from '../machine/machine.ts';
import { ensurePythonTools } from '../machine/python-tools.ts';
import { makeTemporaryFolder } from '../machine/temporary-folder.ts';
import { backendAt } from './autoscaling/live/back-end.ts';
import { startAutoScaling } from './autoscaling/live/live-auto-scaling.ts';
import { createCompositeAlarms } from './cloudwatch/composite-alarms.ts';
import { readAlarmsOf } from './cloudwatch/read-alarms.ts';
import { createEcr } from './ecr/ecr.ts';
import { createEcs } from './ecs/ecs.ts';
import type { DrainOrder } from './ecs/engine/context.ts';
import { interruptionsRoom } from './ecs/interruptions.ts';
import { describeAlarmsAt } from './ecs/runtime/describe-alarms.ts';
import { createDockerRuntime } from './ecs/runtime/docker-runtime.ts';
import { createLiveHooks, type HookTarget } from './ecs/runtime/live-hooks.ts';
import { createPolledAlarms } from './ecs/runtime/polled-alarms.ts';
import { createElbv2 } from './elbv2/elbv2.ts';
import type { TargetCheck } from './elbv2/health/health-checks.ts';
import { cloudWatchAt } from './elbv2/metrics/cloudwatch-at.ts';
import { certificatesAt } from './elbv2/tls/certificates-at.ts';
import { createImportedKeys } from './elbv2/tls/imported-keys.ts';
import type { Faults } from './faults/faults.ts';
import { openGateway } from './gateway/gateway.ts';
import { startMoto } from './gateway/moto.ts';
import type { CallLog } from './iam/call-log.ts';
import { rolePoliciesAt } from './iam/role-policies.ts';
import { createSimulator } from './iam/simulate.ts';
import { driveLive } from './live-driver.ts';
import { createOwnServices, type Strictness } from './own-services.ts';
import { createPrivateNames, type PrivateNames } from './private-names.ts';
import { standInsAt } from './stand-ins.ts';
import { identifyCallers } from './sts/callers.ts';
import { createCredentialStore, type SessionCredentials } from './sts/credentials.ts';
import { iamRecordsAt } from './sts/iam-records.ts';
import { createSts } from './sts/sts.ts';
import { issueTaskCredentials } from './sts/task-credentials.ts';

export type LocalAwsOptions = Strictness & {
  /** Port of the one endpoint; another is chosen when it is taken, any free one by default. */
  port?: number;
  /** Shortens waits that only cost patience: 1 (default) as on AWS, 0.1 ten times faster. */
  timeScale?: number;
  /** Whether a task's SIGTERM waits for its deregistration delay (default) or comes together with its start. */
  drainOrder?: DrainOrder;
  /** Base URL of what serves everything but our own services; moto is started when absent. */
  backend?: string;
  /** Where the keys of OpenID Connect issuers are (JWKS URLs), by `iss`; others by OpenID discovery. */
  issuers?: Readonly<Record<string, string>>;
  /** Address of a Docker engine, `unix:///…`; found or started when absent. */
  docker?: string;
  /** What stands for the Lambda functions of lifecycle hooks, by their ARN or name. */
  hooks?: Readonly<Record<string, HookTarget>>;
  /** Hears of each health check that a load balancer makes. */
  onTargetCheck?: (check: TargetCheck) => void;
  /** Takes progress and warnings, a line each. */
  log?: (line: string) => void;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
};

export type LocalAws = {
  /** `http://127.0.0.1:<port>`, for AWS_ENDPOINT_URL. */
  endpoint: string;
  /** Host and port that images are pushed to. */
  registry: string;
  /** The account of callers whose access key id is not 12 digits and not a role's. */
  accountId: string;
  /** The Region of requests that are not signed for one. */
  region: string;
  timeScale: number;
  /** The engine that tasks run on, as DOCKER_HOST. */
  dockerHost: string;
  /** What goes wrong with calls on purpose; also at `/_berth/faults`. */
  faults: Faults;
  /** Who called what; also at `/_berth/calls`. */
  calls: CallLog;
  /** What tasks know beside the internet's names: load balancers inside, managed servers. */
  names: PrivateNames;
  /** Ends everything that was started: containers, ports, moto, and the engine if it is ours. */
  stop(): Promise<void>;
};

const ACCOUNT_ID = '123456789012';
const REGION = 'us-east-1';
/** How often the alarms of a deployment under way are read. */
const ALARM_INTERVAL_MS = 1000;

/**
 * Starts a local AWS on 127.0.0.1: ECS on Docker containers, ECR, ELBv2, STS and Application Auto Scaling of ECS
 * services; everything else by moto.
 *
 * Takes a few seconds, the very first time about a minute (Python packages). Throws `MachineError` for what
 * the machine lacks. What it made is gone after `stop`, or when it throws; what a killed run left behind is
 * removed at the next start.
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const stack = new AsyncDisposableStack();
  try {
    return await compose(options, stack);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function compose(options: LocalAwsOptions, stack: AsyncDisposableStack): Promise<LocalAws> {
  const { timeScale = 1, log = () => undefined, signal } = options;
  const folder = await makeTemporaryFolder(thisMachine().tempFolder, 'run');
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const { engine, baseImage, backend } = await startNeighbours(options, stack, log);
  signal?.throwIfAborted();
  const socketPath = process.platform === 'linux' ? join(folder, 'aws.sock') : undefined;
  const names = createPrivateNames();
  const gateway = await openGateway({ port: options.port ?? 0, socketPath, names });
  stack.defer(() => gateway.stop());
  const { endpoint, port } = gateway;
  const registry = `127.0.0.1:${port}`;

  const credentials = createCredentialStore({ now, randomBytes, defaultAccountId: ACCOUNT_ID });
  const iam = iamRecordsAt(backend);
  const policies = rolePoliciesAt(backend, now);
  const { readManaged: readManagedPolicy } = policies;
  const security = createSts({ credentials, iam, issuers: options.issuers ?? {}, readManagedPolicy });
  const images = createEcr({
    now,
    randomBytes,
    registryHost: registry,
    folder: join(folder, 'ecr'),
    timeScale,
    home: { accountId: ACCOUNT_ID, region: REGION },
    guard: (caller, use) => own.mayUseRegistry(caller, use),
  });
  const runtime = await createDockerRuntime({
    docker: connectDocker(engine.host),
    clock: { now },
    baseImage,
    gateway: socketPath ? { socketPath } : { port },
    names: names.list,
    endpoint,
    credentialsFor: async (roleArn, task) =>
      renamed(await issueTaskCredentials({ credentials, iam }, roleArn, task)),
    registryAuth: async (image, launch) => {
      const { accountId, region } = launch;
      const roleArn = launch.overrides?.executionRoleArn ?? launch.taskDefinition.executionRoleArn;
      // Who pulls for a task is its execution role; without IAM nobody asks.
      const holder =
        options.enforceIam && roleArn !== undefined
          ? await issueTaskCredentials({ credentials, iam }, roleArn, launch)
          : undefined;
      const puller = holder && { accountId, accessKeyId: holder.AccessKeyId };
      return images.pullCredentials(image, accountId, region, puller);
    },
    timeScale,
    warn: log,
  });
  stack.defer(() => runtime.dispose());
  const resolveTarget = runtime.resolveTarget.bind(runtime);
  const importedKeys = createImportedKeys();
  const balancers = createElbv2({
    clock: { now },
    timeScale,
    resolveTarget,
    certificates: certificatesAt(backend, importedKeys),
    metrics: cloudWatchAt(backend),
    log,
    ...(options.onTargetCheck ? { checked: options.onTargetCheck } : {}),
  });
  await balancers.start();
  stack.defer(() => balancers.stop());
  const { targetGroups, trafficRules } = balancers;
  const composites = createCompositeAlarms(backendAt(backend, fetch));
  const alarms = createPolledAlarms({
    read: readAlarmsOf(composites, describeAlarmsAt(backend, fetch), now),
    sleep: (ms, abort) => setTimeout(ms, undefined, { signal: abort }),
    intervalMs: ALARM_INTERVAL_MS,
    warn: log,
  });
  stack.defer(() => alarms.stop());
  const hooks = createLiveHooks({ targets: options.hooks ?? {}, now, warn: log });
  stack.defer(() => hooks.stop());
  const scheduler = createEcs({
    clock: { now },
    runtime,
    targetGroups,
    images: images.images,
    alarms,
    trafficRules,
    hooks,
    random,
    timeScale,
    ...(options.drainOrder === undefined ? {} : { drainOrder: options.drainOrder }),
  });
  stack.defer(() => scheduler.stopAll());
  const onBug = (what: string, error: unknown) => log(`${what} broke: ${traceOf(error)}`);
  stack.defer(driveLive(scheduler, now, (error) => onBug('the ECS scheduler', error)));
  const scaling = startAutoScaling({
    ecs: scheduler,
    taskUsage: runtime.taskUsage.bind(runtime),
    ...{ backend, now, random, timeScale },
    warn: log,
  });
  stack.defer(() => scaling.stop());

  const { enforceIam, apiBuckets, readLagMs } = options;
  const own = createOwnServices({
    handlers: {
      ecs: scheduler.handlers,
      ecr: images.handlers,
      elasticloadbalancing: balancers.handlers,
      sts: security.handlers,
      iam: createSimulator({ iam, policies }).handlers,
      'application-autoscaling': scaling.handlers,
    },
    ...{ credentials, iam, policies, onBug, enforceIam, apiBuckets, readLagMs },
    sleep: (ms) => setTimeout(ms),
  });
  gateway.serve({
    services: own.services,
    aroundBackend: own.aroundBackend,
    admin: { ...own.admin, ecr: images.admin, interruptions: interruptionsRoom(scheduler, now) },
    registry: images.registry,
    taskEndpoints: runtime.taskEndpoints.bind(runtime),
    backend,
    standIns: standInsAt(backend, { now, onBug, composites }),
    overhear: importedKeys.hear,
    contextOf: identifyCallers(credentials, { region: REGION, now }),
    onBug,
  });
  const stop = () => stack.disposeAsync();
  return {
    endpoint,
    registry,
    accountId: ACCOUNT_ID,
    region: REGION,
    timeScale,
    dockerHost: engine.host,
    faults: own.faults,
    calls: own.calls,
    names,
    stop,
  };
}

/** The engine that tasks run on and the server behind everything else, both started at the same time. */
async function startNeighbours(
  options: LocalAwsOptions,
  stack: AsyncDisposableStack,
  log: (line: string) => void,
) {
  const [machine, backend] = await Promise.allSettled([
    prepareEngine(options.docker, stack, log),
    options.backend ?? startOwnMoto(stack, log),
  ]);
  if (machine.status === 'rejected') throw machine.reason;
  if (backend.status === 'rejected') throw backend.reason;
  return { ...machine.value, backend: backend.value };
}

async function prepareEngine(
  host: string | undefined,
  stack: AsyncDisposableStack,
  log: (line: string) => void,
) {
  const engine =
    host === undefined ? await ensureDockerEngine({ log }) : { host, release: async () => undefined };
  stack.defer(() => engine.release());
  return { engine, baseImage: await ensureBaseImage(connectDocker(engine.host)) };
}

async function startOwnMoto(stack: AsyncDisposableStack, log: (line: string) => void): Promise<string> {
  const { bin } = await ensurePythonTools(['moto'], { log });
  const moto = await startMoto(bin);
  stack.defer(() => moto.stop());
  return moto.url;
}

const now = (): number => Date.now();

/** In [0, 1), from the system's generator. */
const random = (): number => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;

function renamed(issued: SessionCredentials) {
  return {
    accessKeyId: issued.AccessKeyId,
    secretAccessKey: issued.SecretAccessKey,
    sessionToken: issued.SessionToken,
    expiration: issued.Expiration,
  };
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
