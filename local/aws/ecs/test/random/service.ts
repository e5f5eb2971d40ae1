import { isDeepStrictEqual } from 'node:util';
import type { Service, ServiceDeployment, Task } from '@aws-sdk/client-ecs';
import * as client from '@aws-sdk/client-ecs';
import type { Behaviour, TaskScript } from '../../runtime/scripted-runtime.ts';
import {
  createSeededRandom,
  createVirtualEcs,
  type VirtualEcs,
  type VirtualEcsOptions,
} from '../../virtual-ecs.ts';
import { NETWORK, TARGET_GROUP } from '../rollout.ts';
import type { Reading } from './rollout-properties.ts';
import { configurationOf, hasTargets, hookScriptOf, type Move, type Scenario } from './scenario.ts';

const GREEN = TARGET_GROUP.replace('/web/', '/web-green/');
const GROUPS = [TARGET_GROUP, GREEN];
export const RULE = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/shop/1/2/3';
const TEST_RULE = `${RULE}test`;
const CALLER = { accountId: '123456789012', region: 'us-east-1', accessKeyId: '', now: 0 };
export const WEB = { cluster: 'shop', service: 'web' };
/** Every so often a reading goes through the SDK as well and must be the same. */
const SDK_EVERY = 25;
const EVENTS_EVERY = 10;

/** How calls are made: by the SDK and the wire, faults included, or by the operations themselves. */
export type Way = 'sdk' | 'operations';

/** One service on its way through a scenario. */
export interface Play {
  readonly scenario: Scenario;
  readonly way: Way;
  readonly options: VirtualEcsOptions;
  ecs: VirtualEcs;
  /** What is still to be done to it, soonest first. */
  moves: Move[];
  startedAt: number;
  /** ARNs of the tasks that were live at the last reading. */
  live: string[];
}

/** A service on its first version that has just been created. */
export async function openService(scenario: Scenario, way: Way): Promise<Play> {
  const { desiredCount, alarm, graceSeconds } = scenario;
  const options: VirtualEcsOptions = {
    script: scriptOf(scenario),
    hooks: hookScriptOf(scenario),
    random: createSeededRandom(),
    ...(alarm && { alarms: { errors: alarm[0] } }),
  };
  const ecs = createVirtualEcs(options);
  makeOutside(ecs);
  const play: Play = { scenario, way, options, ecs, moves: [], startedAt: 0, live: [] };
  await call(play, 'CreateCluster', { clusterName: 'shop' });
  for (const image of ['web:1', 'web:2', 'web:3']) await register(play, image);
  const {
    lifecycleHooks: _,
    alarms: __,
    earlySuccessCriteria: ___,
    ...deploymentConfiguration
  } = configurationOf(scenario);
  await call(play, 'CreateService', {
    cluster: 'shop',
    serviceName: 'web',
    taskDefinition: 'web:1',
    desiredCount,
    networkConfiguration: NETWORK,
    deploymentConfiguration,
    healthCheckGracePeriodSeconds: graceSeconds,
    ...(hasTargets(scenario) ? { loadBalancers: balancersOf(scenario) } : {}),
  });
  return play;
}

/** Goes on with another ECS that is loaded from what this one saves. */
export function reopen(play: Play): void {
  const saved = play.ecs.save();
  play.ecs = createVirtualEcs({ ...play.options, clock: play.ecs.clock });
  play.ecs.load(saved);
}

function makeOutside({ targetGroups, trafficRules }: VirtualEcs): void {
  for (const group of [TARGET_GROUP, GREEN]) targetGroups.create(group, 5000);
  for (const rule of [RULE, TEST_RULE]) trafficRules.create(rule, { [TARGET_GROUP]: 100, [GREEN]: 0 });
}

/** Tasks of the first image go well; of the others each behaves by one of the seeds, chosen by its id. */
function scriptOf({ seeds }: Scenario): TaskScript {
  return ({ taskId, taskDefinition }): Behaviour => {
    if (taskDefinition.containerDefinitions?.[0]?.image === 'web:1') return {};
    return seeds[Number.parseInt(taskId.slice(0, 6), 16) % seeds.length] ?? {};
  };
}

function balancersOf({ strategy }: Scenario) {
  const advancedConfiguration = {
    alternateTargetGroupArn: GREEN,
    productionListenerRule: RULE,
    testListenerRule: TEST_RULE,
    roleArn: 'arn:aws:iam::123456789012:role/balancers',
  };
  const target = { targetGroupArn: TARGET_GROUP, containerName: 'web', containerPort: 8000 };
  return [strategy.strategy === 'ROLLING' ? target : { ...target, advancedConfiguration }];
}

async function register(play: Play, image: string): Promise<void> {
  const healthCheck = play.scenario.isChecked ? { healthCheck: { command: ['CMD', '/check'] } } : {};
  await call(play, 'RegisterTaskDefinition', {
    family: 'web',
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'web', image, portMappings: [{ containerPort: 8000 }], ...healthCheck }],
  });
}

type Answer = Record<string, unknown>;

export async function call(
  play: Pick<Play, 'way' | 'ecs'>,
  operation: string,
  input: object,
): Promise<Answer> {
  if (play.way === 'sdk') return callBySdk(play, operation, input);
  return callOperation(play, operation, input);
}

async function callBySdk({ ecs }: Pick<Play, 'ecs'>, operation: string, input: object): Promise<Answer> {
  const Command: unknown = Reflect.get(client, `${operation}Command`);
  if (typeof Command !== 'function') throw new TypeError(`There is no command ${operation}.`);
  const { $metadata: _, ...answer } = await ecs.client.send(Reflect.construct(Command, [input]));
  return answer as Answer;
}

async function callOperation({ ecs }: Pick<Play, 'ecs'>, operation: string, input: object): Promise<Answer> {
  const handler: unknown = Reflect.get(ecs.ecs.handlers, operation);
  if (typeof handler !== 'function') throw new TypeError(`There is no operation ${operation}.`);
  return (await handler(input, { ...CALLER, now: ecs.clock.now() })) as Answer;
}

export async function read(play: Play, step: number): Promise<Reading> {
  const { ecs, scenario } = play;
  const reading = await readBy(play);
  if (play.way === 'sdk' && step % SDK_EVERY === 0 && scenario.faults.length === 0) {
    const other = await readBy(play, callBySdk);
    if (!isDeepStrictEqual(plain(other.service), plain(reading.service))) {
      throw new Error(
        `Over the wire a service is another: ${JSON.stringify([reading.service, other.service])}`,
      );
    }
  }
  return {
    ...reading,
    areEventsRead: step % EVENTS_EVERY === 0,
    weights: hasTargets(scenario) ? ecs.trafficRules.weights(RULE) : undefined,
  };
}

/** Without what is `undefined`, which the wire does not carry. */
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));

export async function readBy(
  play: Play,
  by: typeof callOperation = callOperation,
): Promise<Omit<Reading, 'weights' | 'areEventsRead'>> {
  const { services } = await by(play, 'DescribeServices', { cluster: 'shop', services: ['web'] });
  const [service = {}] = services as Service[];
  const { serviceDeployments: briefs } = await by(play, 'ListServiceDeployments', WEB);
  const arns = (briefs as ServiceDeployment[]).map(({ serviceDeploymentArn }) => serviceDeploymentArn);
  const { serviceDeployments } = await by(play, 'DescribeServiceDeployments', {
    serviceDeploymentArns: arns,
  });
  const listed = await by(play, 'ListTasks', { cluster: 'shop', serviceName: 'web' });
  // Those that were live a moment ago are looked at once more, for what has become of them.
  const wanted = new Set([...(listed.taskArns as string[]), ...play.live]);
  play.live = listed.taskArns as string[];
  const described =
    wanted.size === 0 ? {} : await by(play, 'DescribeTasks', { cluster: 'shop', tasks: [...wanted] });
  const tasks = (described.tasks ?? []) as Task[];
  const now = play.ecs.clock.now();
  const healthy = new Set(tasks.flatMap((task) => (isHealthy(play, task, now) ? (task.taskArn ?? []) : [])));
  const unhealthy = new Set(tasks.flatMap((task) => (isUnhealthy(play, task) ? (task.taskArn ?? []) : [])));
  const groupOf = new Map(
    tasks.flatMap((task): [string, string][] => {
      const group = GROUPS.find((one) => play.ecs.targetGroups.registered(one).includes(addressOf(task)));
      return group === undefined ? [] : [[task.taskArn ?? '', group]];
    }),
  );
  const deployments = serviceDeployments as ServiceDeployment[];
  return { now, service, deployments, tasks, healthy, unhealthy, groupOf };
}

const addressOf = ({ attachments }: Task): string =>
  attachments?.[0]?.details?.find(({ name }) => name === 'privateIPv4Address')?.value ?? '';

/** A check of its container or of a load balancer has found it so, be it in its grace period. */
function isUnhealthy({ ecs }: Play, task: Task): boolean {
  const target = { id: addressOf(task), port: 8000 };
  const isTarget = GROUPS.some((group) => ecs.targetGroups.health(group, target).state === 'unhealthy');
  return isTarget || task.healthStatus === 'UNHEALTHY';
}

/** AWS's own words on when a task counts as healthy, judged from what can be seen outside the engine. */
function isHealthy({ scenario, ecs }: Play, task: Task, now: number): boolean {
  if (task.startedAt === undefined || task.lastStatus !== 'RUNNING') return false;
  const target = { id: addressOf(task), port: 8000 };
  const isTarget = GROUPS.some((group) => ecs.targetGroups.health(group, target).state === 'healthy');
  if (hasTargets(scenario) && !isTarget) return false;
  if (scenario.isChecked) return task.healthStatus === 'HEALTHY';
  return hasTargets(scenario) || now - task.startedAt.getTime() >= 40_000;
}
