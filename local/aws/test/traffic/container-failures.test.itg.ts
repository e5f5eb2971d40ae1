import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type {
  ContainerDefinition,
  DeploymentConfiguration,
  DeploymentLifecycleHook,
  Task,
} from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../../machine/docker-client.ts';
import { type DockerEngine, ensureDockerEngine } from '../../../machine/docker-engine.ts';
import { EngineBetween } from '../../ecs/runtime/test/engine-between.ts';
import { type ClosedRegistry, openClosedRegistry, pushOddImage, script, storyOf } from './failing-tasks.ts';
import { Shop } from './shop.ts';

type Hook = (event: { lifecycleStage: string }) => Promise<object> | object;

let engine: DockerEngine;
let between: EngineBetween;
let closed: ClosedRegistry;
let hookServer: Server;
let answerHook: Hook = () => ({ hookStatus: 'SUCCEEDED' });
let shop: Shop;

beforeAll(async () => {
  engine = await ensureDockerEngine();
  between = new EngineBetween(engine.host);
  await between.open();
  closed = await openClosedRegistry();
  hookServer = createServer(async (request, response) => {
    response.end(JSON.stringify(await answerHook(JSON.parse(await text(request)))));
  });
  await new Promise<void>((done) => hookServer.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(hookServer.address() as AddressInfo).port}/`;
  const refuses = "process.stdin.resume().on('end', () => process.exit(3))";
  shop = await Shop.open({
    docker: between.host,
    timeScale: 0.02,
    hooks: { verify: { url }, refuse: { command: [process.execPath, '-e', refuses] } },
  });
});

afterAll(async () => {
  await shop.close();
  hookServer.close();
  closed.close();
  await between.close();
  await engine.release();
});

const lambda = (name: string): string => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;

describe('a task that cannot run says why, in the words of AWS', () => {
  const notPulled =
    'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref';
  const forever = 'setInterval(() => {}, 1000)';
  type Case = [
    title: string,
    containers: () => Promise<ContainerDefinition[]> | ContainerDefinition[],
    story: () => object,
  ];
  const failsToStart = (reason: string | RegExp, containers: object = expect.anything()) => ({
    lastStatus: 'STOPPED',
    stopCode: 'TaskFailedToStart',
    stoppedReason: reason instanceof RegExp ? expect.stringMatching(reason) : reason,
    containers,
  });
  const exits = (app: [exitCode: number, reason: string | undefined]) => ({
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    containers: { app },
  });
  const tagless = () => `${shop.aws.registry}/web:none`;
  const nowhere = () => `${shop.aws.registry}/nowhere:v1`;
  const locked = () => `${closed.host}/web:v1`;

  const cases: Case[] = [
    [
      'the tag is not in its repository',
      () => [script(tagless(), '')],
      () => failsToStart(`${notPulled} ${tagless()}: ${tagless()}: not found`),
    ],
    [
      'the repository does not exist',
      () => [script(nowhere(), '')],
      () => failsToStart(`${notPulled} ${nowhere()}: ${nowhere()}: not found`),
    ],
    [
      'the registry lets it not in',
      () => [script(locked(), '')],
      () =>
        failsToStart(
          `${notPulled} ${locked()}: pulling from host ${closed.host} failed with status code [manifests v1]: 403 Forbidden`,
        ),
    ],
    [
      'the registry does not answer',
      () => [script('127.0.0.1:9/web:v1', '')],
      () =>
        failsToStart(
          /^CannotPullContainerError: .*127\.0\.0\.1:9\/web:v1: failed to do request: .*connection refused/,
        ),
    ],
    [
      'the program is of another format',
      async () => [{ name: 'app', image: await pushOddImage(shop) }],
      () => exits([1, undefined]),
    ],
    [
      'the program is not there',
      () => [script(shop.image, '', { command: ['/none'] })],
      () =>
        failsToStart(/^CannotStartContainerError: Error response from daemon: .*no such file or directory/),
    ],
    [
      'it takes more memory than it has',
      () => [
        script(shop.image, 'const all = []; for (;;) all.push(Buffer.alloc(8 << 20, 1));', { memory: 96 }),
      ],
      () => exits([137, 'OutOfMemoryError: Container killed due to memory usage']),
    ],
    ['it ends with an exit code', () => [script(shop.image, 'process.exit(7)')], () => exits([7, undefined])],
    [
      'what it depends on does not get healthy in its start time-out',
      () => [
        script(shop.image, forever, { dependsOn: [{ containerName: 'slow', condition: 'HEALTHY' }] }),
        script(shop.image, `${forever}; process.on('SIGTERM', () => process.exit(0))`, {
          ...{ name: 'slow', startTimeout: 2 },
          healthCheck: { command: ['CMD', 'node', '-e', 'process.exit(1)'], interval: 5 },
        }),
      ],
      () =>
        failsToStart(
          'dependency graph: container ordering dependency [slow] for target [app] has timed out.',
        ),
    ],
    [
      'what it depends on fails',
      () => [
        script(shop.image, forever, { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] }),
        script(shop.image, 'process.exit(3)', { name: 'init', essential: false }),
      ],
      () =>
        failsToStart(/\[init\] for target \[app\] as dependency did not exit successfully\.$/, {
          app: [undefined, expect.stringContaining('dependency graph')],
          init: [3, undefined],
        }),
    ],
  ];
  let ended: Promise<Task>[] = [];
  beforeAll(() => {
    ended = cases.map(async ([, containers]) => shop.tasks.runToEnd(await containers()));
  });

  test.each(cases.map(([title, , story], index) => ({ title, story, index })))('$title', async (one) => {
    const task = await ended[one.index];
    expect(task && storyOf(task)).toEqual(one.story());
  });
});

describe('a task of a service is replaced', () => {
  const healthCheck = { command: ['CMD', 'node', '-e', 'process.exit(1)'], interval: 5, retries: 1 };
  let poisoned = '';
  let alone = '';

  beforeAll(async () => {
    const lasting = "setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(0))";
    const sick = script(shop.image, lasting, { healthCheck });
    const answer = await fetch(`${shop.production.url}/poison`, { method: 'POST' });
    poisoned = ((await answer.json()) as { task: string }).task;
    alone = await shop.tasks.run([sick]);
    await shop.createPlainService('sick', [sick]);
  });

  test('when its container finds itself unhealthy', async () => {
    const [first] = await shop.tasks.stoppedOf('sick', 1);
    expect([first?.stopCode, first?.stoppedReason]).toEqual([
      'ServiceSchedulerInitiated',
      'Task failed container health checks',
    ]);
    await shop.deleteService('sick');
  });

  test('but one outside services goes on with an unhealthy container', async () => {
    const { lastStatus } = await shop.tasks.describeUntil(alone, (task) => task.healthStatus === 'UNHEALTHY');
    expect(lastStatus).toBe('RUNNING');
    await shop.tasks.stop(alone);
  });

  test('when the load balancer finds it unhealthy', async () => {
    const { stopCode, stoppedReason } = await shop.tasks.stopped(poisoned);
    expect([stopCode, stoppedReason]).toEqual([
      'ServiceSchedulerInitiated',
      `Task failed ELB health checks in (target-group ${shop.blue})`,
    ]);
    expect(await shop.untilRunning(2)).not.toContain(poisoned);
  });

  test('when somebody kills its container', async () => {
    const [victim] = await shop.runningTasks();
    const docker = connectDocker(engine.host);
    await docker.getContainer(victim?.containers?.[0]?.runtimeId ?? '').kill();
    expect(storyOf(await shop.tasks.stopped(victim?.taskArn ?? ''))).toEqual({
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: { web: [137, undefined] },
    });
    expect(await shop.untilRunning(2)).not.toContain(victim?.taskArn);
  });
});

describe('a lifecycle hook', () => {
  const hook = (name: string, stage: 'POST_TEST_TRAFFIC_SHIFT' | 'POST_PRODUCTION_TRAFFIC_SHIFT') => ({
    hookTargetArn: lambda(name),
    roleArn: 'arn:aws:iam::123456789012:role/hooks',
    lifecycleStages: [stage],
  });
  const blueGreen = (...lifecycleHooks: DeploymentLifecycleHook[]): DeploymentConfiguration => ({
    strategy: 'BLUE_GREEN',
    bakeTimeInMinutes: 0,
    lifecycleHooks,
  });

  test('that is an HTTP endpoint is called until it has an answer, and sees the new revision on the test listener', async () => {
    const seen: string[] = [];
    answerHook = async ({ lifecycleStage }) => {
      const { version } = (await (await fetch(shop.test.url)).json()) as { version: string };
      seen.push(`${lifecycleStage} ${version}`);
      if (seen.length === 1) return { hookStatus: 'IN_PROGRESS', callBackDelay: 1 };
      return { hookStatus: version === 'v2' ? 'SUCCEEDED' : 'FAILED' };
    };
    const arn = await shop.deploy('v2', blueGreen(hook('verify', 'POST_TEST_TRAFFIC_SHIFT')));
    expect(await shop.deployments.ended(arn)).toMatchObject({
      status: 'SUCCESSFUL',
      lifecycleHookDetails: [{ status: 'SUCCEEDED' }],
    });
    expect(seen).toEqual(Array(2).fill('POST_TEST_TRAFFIC_SHIFT v2'));
  });

  test('that is a command and fails has all traffic go back', async () => {
    const arn = await shop.deploy('v3', blueGreen(hook('refuse', 'POST_PRODUCTION_TRAFFIC_SHIFT')));
    expect(await shop.deployments.ended(arn)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      rollback: { reason: 'Service deployment rolled back because of a lifecycle hook.' },
    });
    expect(await (await fetch(shop.production.url)).json()).toMatchObject({ version: 'v2' });
  });

  test('that pauses a rolling deployment and is not answered in time has it go back', async () => {
    const arn = await shop.deploy('v4', {
      strategy: 'ROLLING',
      lifecycleHooks: [
        {
          ...{ targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] },
          timeoutConfiguration: { timeoutInMinutes: 1, action: 'ROLLBACK' },
        },
      ],
    });
    expect(await shop.deployments.ended(arn)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      lifecycleHookDetails: [{ status: 'TIMED_OUT' }],
    });
    expect(await (await fetch(shop.production.url)).json()).toMatchObject({ version: 'v2' });
  });
});

test('an engine that dies stops all tasks with its reason and shows none RUNNING until it is back', async () => {
  const lost = await shop.runningTasks();
  await between.kill();
  for (const { taskArn = '' } of lost) {
    expect(storyOf(await shop.tasks.stopped(taskArn))).toMatchObject({
      stopCode: 'EssentialContainerExited',
      containers: {
        web: [
          undefined,
          expect.stringContaining('CannotInspectContainerError: Cannot connect to the Docker daemon'),
        ],
      },
    });
  }
  const [next] = await shop.tasks.stoppedOf('web', 1, (task) => task.stopCode === 'TaskFailedToStart');
  expect(next?.stoppedReason).toMatch(
    /^CannotPullContainerError: Cannot connect to the Docker daemon at unix:.*\?$/,
  );
  expect(await shop.runningTasks()).toEqual([]);
  await between.revive();
  await shop.untilRunning(2);
  await shop.untilServing();
});
