import {
  DeploymentLifecycleHookStatus,
  DeploymentRolloutState,
  DescribeTasksCommand,
  ListTasksCommand,
  ServiceDeploymentRollbackMonitorsStatus,
  ServiceDeploymentStatus,
  StopServiceDeploymentCommand,
  StopTaskCommand,
  TaskStopCode,
} from '@aws-sdk/client-ecs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { EVENT } from '../engine/service-events.ts';
import { interruptionsRoom } from '../interruptions.ts';
import { type Behaviour, scriptByImage } from '../runtime/scripted-runtime.ts';
import { messages, type Rollout, startRollout, TARGET_GROUP } from './rollout.ts';

const BALANCED = [{ targetGroupArn: TARGET_GROUP, containerName: 'web', containerPort: 8000 }];
const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };
const HEALTH_CHECK = { command: ['CMD', '/node', 'check.js'] };
const BEHAVIOURS: Record<string, Behaviour> = {
  'web:slow': { startsAfterMs: 60_000 },
  'web:missing': { failsToStart: 'CannotPullContainerError: not found' },
  'web:mortal': { exits: { afterMs: 30_000, code: 1 } },
  'web:sick': { health: [{ afterMs: 5000, status: 'UNHEALTHY' }] },
};

/** Every word that API calls have shown. */
const seen = {
  statuses: new Set<string>(),
  rolloutStates: new Set<string>(),
  breakers: new Set<string>(),
  alarms: new Set<string>(),
  hooks: new Set<string>(),
  stopCodes: new Set<string>(),
  stoppedReasons: new Set<string>(),
  events: new Set<string>(),
};

/** Lets `ms` pass and writes down all that can be read on the way. */
async function watch(web: Rollout, ms: number, stepMs = 500): Promise<void> {
  for (let passed = 0; passed <= ms; passed += stepMs, await web.clock.sleep(stepMs)) await look(web);
}

async function look(web: Rollout): Promise<void> {
  for (const one of await web.deployments()) {
    seen.statuses.add(one.status ?? '');
    seen.breakers.add(one.deploymentCircuitBreaker?.status ?? '');
    seen.alarms.add(one.alarms?.status ?? '');
    for (const { status = '' } of one.lifecycleHookDetails ?? []) seen.hooks.add(status);
  }
  const service = await web.service();
  for (const message of messages(service)) seen.events.add(message);
  for (const { rolloutState = '' } of service.deployments ?? []) seen.rolloutStates.add(rolloutState);
  const input = { cluster: 'shop', desiredStatus: 'STOPPED' as const };
  const { taskArns: tasks = [] } = await web.client.send(new ListTasksCommand(input));
  if (tasks.length === 0) return;
  const { tasks: stopped = [] } = await web.client.send(
    new DescribeTasksCommand({ cluster: 'shop', tasks: tasks.slice(0, 100) }),
  );
  for (const { stopCode, stoppedReason } of stopped) {
    if (stopCode !== undefined) seen.stopCodes.add(stopCode);
    if (stoppedReason !== undefined) seen.stoppedReasons.add(stoppedReason);
  }
}

/** A balanced service goes through a good, a superseded, a stopped, a broken and a sick deployment. */
async function tellTheStory(): Promise<void> {
  const web = await startRollout({ script: scriptByImage(BEHAVIOURS) });
  web.targetGroups.create(TARGET_GROUP, 5000);
  await web.register('web:1');
  await web.create({ loadBalancers: BALANCED, deploymentConfiguration: BREAKER });
  await watch(web, 15_000);
  await deploy(web, 'web:slow');
  await watch(web, 5000);
  await deploy(web, 'web:2');
  await watch(web, 1000, 50);
  await watch(web, 25_000);
  await deploy(web, 'web:slow');
  await watch(web, 1000);
  const { serviceDeploymentArn } = await web.newest();
  await web.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn }));
  await watch(web, 30_000);
  await deploy(web, 'web:missing');
  await watch(web, 60_000);
  const [address = ''] = web.targetGroups.registered(TARGET_GROUP);
  web.targetGroups.setHealth(TARGET_GROUP, { id: address, port: 8000 }, { state: 'unhealthy' });
  await watch(web, 20_000);
  const { taskArns: [task] = [] } = await web.client.send(new ListTasksCommand({ cluster: 'shop' }));
  await web.client.send(new StopTaskCommand({ cluster: 'shop', task }));
  await watch(web, 10_000);
  for (const stopCode of ['SpotInterruption', 'TerminationNotice', 'InfrastructureHealth']) {
    await interrupt(web, stopCode);
    await watch(web, 20_000);
  }
}

/** Has AWS take away a task of the service, by the admin call. */
async function interrupt(web: Rollout, stopCode: string): Promise<void> {
  const { taskArns: [task] = [] } = await web.client.send(new ListTasksCommand({ cluster: 'shop' }));
  const room = interruptionsRoom(web.ecs, () => web.clock.now());
  const call = { method: 'POST', path: '', body: JSON.stringify({ task, stopCode }) };
  expect((await room(call)).status).toBe(200);
}

/** A service that has nothing to go back to, without a breaker, with checks, and without room to move. */
async function tellTheTroubles(): Promise<void> {
  const web = await startRollout({ script: scriptByImage(BEHAVIOURS) });
  await web.register('web:missing');
  await web.create({ deploymentConfiguration: BREAKER });
  await watch(web, 30_000);
  const off = { deploymentCircuitBreaker: { enable: false, rollback: false } };
  await web.update({ forceNewDeployment: true, deploymentConfiguration: off });
  await watch(web, 30_000);
  await deploy(web, 'web:mortal');
  await watch(web, 60_000);
  await deploy(web, 'web:sick', { healthCheck: HEALTH_CHECK });
  await watch(web, 60_000);
  await deploy(web, 'web:1');
  await watch(web, 60_000, 5000);
  const tight = { minimumHealthyPercent: 60, maximumPercent: 149 };
  await web.update({ forceNewDeployment: true, desiredCount: 1, deploymentConfiguration: tight });
  await watch(web, 90_000, 5000);
}

/** Deployments under an alarm that goes off, and under hooks that pause, succeed, fail and time out. */
async function tellTheWaits(): Promise<void> {
  const answers = ['SUCCEEDED', 'FAILED'] as const;
  let calls = 0;
  const web = await startRollout({
    alarms: { errors: { states: [{ afterMs: 10_000, state: 'ALARM' }] } },
    hooks: () => ({ hookStatus: answers[calls++] ?? 'SUCCEEDED', afterMs: 2000 }),
  });
  await web.register('web:1');
  const alarms = { enable: true, rollback: true, alarmNames: ['errors'] };
  await web.create();
  await watch(web, 50_000, 5000);
  // The second one ignores the alarm, which goes on as it was.
  for (let n = 0; n < 2; n++) {
    await web.update({ forceNewDeployment: true, deploymentConfiguration: { alarms } });
    await watch(web, 120_000, 10_000);
  }
  const lifecycleStages = ['PRE_SCALE_UP' as const];
  const timeoutConfiguration = { timeoutInMinutes: 1, action: 'CONTINUE' as const };
  const pause = { targetType: 'PAUSE' as const, lifecycleStages, timeoutConfiguration };
  const call = {
    hookTargetArn: 'arn:aws:lambda:us-east-1:123456789012:function:check',
    roleArn: 'arn:aws:iam::123456789012:role/hooks',
    lifecycleStages,
  };
  for (const lifecycleHooks of [[pause], [call], [call]]) {
    const deploymentConfiguration = { lifecycleHooks, alarms: { ...alarms, enable: false } };
    await web.update({ forceNewDeployment: true, deploymentConfiguration });
    await watch(web, 5000, 1000);
    await watch(web, 120_000, 15_000);
  }
}

async function deploy(web: Rollout, image: string, extra: { healthCheck?: typeof HEALTH_CHECK } = {}) {
  const portMappings = [{ containerPort: 8000 }];
  await web.register('', { containerDefinitions: [{ name: 'web', image, portMappings, ...extra }] });
  await web.update({ taskDefinition: 'web' });
}

/** The text with every name and number in it open. */
function pattern(key: keyof typeof EVENT): RegExp {
  const samples = {
    started: EVENT.started(['#']),
    registered: EVENT.registered(0, '#'),
    deregistered: EVENT.deregistered(0, '#'),
    draining: EVENT.draining('#', 0),
    stoppedRunning: EVENT.stoppedRunning(['#']),
    stoppedPending: EVENT.stoppedPending(0),
    completed: EVENT.completed('#'),
    steady: EVENT.steady(),
    failed: EVENT.failed('#', 'tasks failed to start.'),
    rollingBack: EVENT.rollingBack('#'),
    unhealthyTarget: EVENT.unhealthyTarget('#', 0, '#', '#'),
    unhealthyContainer: EVENT.unhealthyContainer('#'),
    impaired: EVENT.impaired(),
    stuck: EVENT.stuck(),
  } satisfies Record<keyof typeof EVENT, string>;
  const escaped = samples[key].replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^\\(service web${escaped.replace(/#|\b[01]\b/g, '.+')}$`);
}

describe('API calls', () => {
  beforeAll(async () => {
    await tellTheStory();
    await tellTheTroubles();
    await tellTheWaits();
  });

  it('reach every status of a service deployment', () => {
    expect([...seen.statuses].sort()).toEqual(Object.values(ServiceDeploymentStatus).sort());
  });

  it('reach every rollout state, and every status of a breaker, of alarms and of a lifecycle hook', () => {
    const monitors = Object.values(ServiceDeploymentRollbackMonitorsStatus).sort();
    expect([...seen.breakers].sort()).toEqual(monitors);
    expect([...seen.alarms].sort()).toEqual(monitors);
    expect([...seen.rolloutStates].sort()).toEqual(Object.values(DeploymentRolloutState).sort());
    expect([...seen.hooks].sort()).toEqual(Object.values(DeploymentLifecycleHookStatus).sort());
  });

  it.each([
    /^Essential container in task exited$/,
    /^Task failed ELB health checks in \(target-group arn:aws:elasticloadbalancing:.+\)$/,
    /^Task failed container health checks$/,
    /^Scaling activity initiated by \(deployment ecs-svc\/\d{19}\)$/,
    /^Task stopped by user$/,
    /^CannotPullContainerError: .+$/,
  ])('reach the stopped reason %s', (reason) => {
    expect([...seen.stoppedReasons].some((text) => reason.test(text))).toBe(true);
  });

  it('reach every stop code, those of AWS taking a place away by an admin call', () => {
    expect([...seen.stopCodes].sort()).toEqual(Object.values(TaskStopCode).sort());
  });

  it('reach every event text that is claimed', () => {
    const keys = Object.keys(EVENT) as (keyof typeof EVENT)[];
    const unseen = keys.filter((key) => ![...seen.events].some((message) => pattern(key).test(message)));
    expect(unseen).toEqual([]);
  });
});
