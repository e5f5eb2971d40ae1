import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Docker from 'dockerode';
import { ensureBaseImage } from '../../../../machine/base-image.ts';
import { connectDocker } from '../../../../machine/docker-client.ts';
import { type DockerEngine, ensureDockerEngine } from '../../../../machine/docker-engine.ts';
import { createDockerRuntime, type DockerRuntime, type DockerRuntimeOptions } from '../docker-runtime.ts';
import type { TaskLaunch } from '../task-runtime.ts';
import { AgentStand } from './agent-stand.ts';
import { launchOf, TaskStory } from './task-story.ts';

const stand = new AgentStand();
const warnings: string[] = [];
let engine: DockerEngine;
let docker: Docker;
let baseImage: string;
let runtime: DockerRuntime;
let story: TaskStory;

beforeAll(async () => {
  engine = await ensureDockerEngine();
  docker = connectDocker(engine.host);
  baseImage = await ensureBaseImage(docker);
  await stand.open();
  runtime = await createDockerRuntime(runtimeOptions());
  stand.taskEndpoints = (path, authorization) => runtime.taskEndpoints(path, authorization);
  story = new TaskStory(runtime);
});

afterAll(async () => {
  await runtime.dispose();
  await stand.close();
  await engine.release();
});

function runtimeOptions(): DockerRuntimeOptions {
  return {
    docker,
    clock: { now: () => Date.now() },
    baseImage,
    gateway: { socketPath: stand.socketPath },
    endpoint: stand.endpoint,
    credentialsFor: async (roleArn) => ({
      accessKeyId: `ASIA-${roleArn.split('/').at(-1)}`,
      secretAccessKey: 'secret',
      sessionToken: 'token',
      expiration: new Date(Date.now() + 3_600_000),
    }),
    registryAuth: async () => undefined,
    imagePull: 'prefer-cached',
    warn: (line) => warnings.push(line),
  };
}

const logConfiguration = {
  logDriver: 'awslogs' as const,
  options: { 'awslogs-group': '/test', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'story' },
};

/** A container that runs one line of JavaScript. */
function program(name: string, code: string, more: Partial<ContainerDefinition> = {}): ContainerDefinition {
  return { name, image: `repository/${name}`, command: ['node', '-e', code], logConfiguration, ...more };
}

const server =
  "require('http').createServer((q, r) => r.end('hello')).listen(8000, () => console.log('listens'));";
const untilTold =
  "setInterval(() => {}, 1000); process.on('SIGTERM', () => { console.log('told'); process.exit(0); }); console.log('up');";

async function run(launch: TaskLaunch): Promise<string[]> {
  runtime.start(launch);
  await story.until(launch, /^(exited|start-failed)/);
  return end(launch);
}

async function end(launch: TaskLaunch): Promise<string[]> {
  runtime.stop(launch.taskArn);
  await story.until(launch, /^stopped$/);
  return story.of(launch);
}

async function containersOf(launch: TaskLaunch): Promise<string[]> {
  const all = await docker.listContainers({ all: true });
  return all.flatMap((one) => one.Names).filter((name) => name.includes(launch.taskId));
}

describe('a task', () => {
  test('serves its port on 127.0.0.1, stops on SIGTERM and leaves nothing behind', async () => {
    const app = program('app', `${server} ${untilTold}`, { portMappings: [{ containerPort: 8000 }] });
    const launch = launchOf([app], baseImage);
    runtime.start(launch);
    await untilLine(launch, 'app', 'listens');
    const target = runtime.resolveTarget(launch.privateIp, 8000);
    const answer = await fetch(`http://${target?.host}:${target?.port}/`, {
      headers: { connection: 'close' },
    });
    expect(await answer.text()).toBe('hello');
    expect(await end(launch)).toEqual(['started app', 'exited app 0', 'stopped']);
    expect(runtime.resolveTarget(launch.privateIp, 8000)).toBeUndefined();
    expect(stand.linesOf(`story/app/${launch.taskId}`)).toEqual(['up', 'listens', 'told']);
    expect(await containersOf(launch)).toEqual([]);
  });

  test('reports the exit code and has sent all lines when it has stopped', async () => {
    const launch = launchOf(
      [program('app', "console.log('one'); console.error('two'); process.exitCode = 7")],
      baseImage,
    );
    expect(await run(launch)).toEqual(['started app', 'exited app 7', 'stopped']);
    expect(stand.linesOf(`story/app/${launch.taskId}`).sort()).toEqual(['one', 'two']);
  });

  test('is killed when a container is over its memory, with the reason of AWS', async () => {
    const hungry = 'const all = []; for (;;) all.push(Buffer.alloc(8 << 20, 1));';
    const launch = launchOf([program('app', hungry, { memory: 96 })], baseImage);
    expect(await run(launch)).toContain(
      'exited app 137 OutOfMemoryError: Container killed due to memory usage',
    );
  });

  test('kills a container that ignores SIGTERM after its stopTimeout', async () => {
    const deaf =
      "process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('up');";
    const launch = launchOf([program('app', deaf, { stopTimeout: 2 })], baseImage);
    runtime.start(launch);
    await untilLine(launch, 'app', 'up');
    expect(await end(launch)).toEqual(['started app', 'exited app 137', 'stopped']);
    expect(stand.linesOf(`story/app/${launch.taskId}`)).toEqual(['up', 'no']);
  });

  test('reports healthy, then unhealthy when its check begins to fail', async () => {
    const check = "process.exit(require('fs').existsSync('/tmp/bad') ? 1 : 0)";
    const app = program(
      'app',
      `process.on('SIGUSR2', () => require('fs').writeFileSync('/tmp/bad', '')); ${untilTold}`,
      {
        healthCheck: { command: ['CMD', 'node', '-e', check], interval: 1, retries: 1, timeout: 60 },
      },
    );
    const launch = launchOf([app], baseImage);
    runtime.start(launch);
    await untilLine(launch, 'app', 'up');
    await story.until(launch, / HEALTHY/);
    await docker.getContainer(`berth-${launch.taskId}-app`).kill({ signal: 'SIGUSR2' });
    await story.until(launch, / UNHEALTHY/);
    expect((await end(launch)).slice(0, 3)).toEqual([
      'started app',
      'health app HEALTHY',
      'health app UNHEALTHY',
    ]);
  });

  test('asks a starting container sooner on a shorter time scale, and counts only what passes', async () => {
    const quick = await createDockerRuntime({ ...runtimeOptions(), timeScale: 0.001 });
    try {
      const check =
        "const fs = require('fs'); fs.appendFileSync('/tmp/asked', '.'); process.exit(fs.readFileSync('/tmp/asked').length < 3 ? 1 : 0)";
      const command = ['CMD', 'node', '-e', check];
      // Docker's own first check comes after five minutes.
      const healthCheck = { command, interval: 300, retries: 1, timeout: 60, startPeriod: 300 };
      const quickStory = new TaskStory(quick);
      const launch = launchOf([program('app', untilTold, { healthCheck })], baseImage);
      quick.start(launch);
      await quickStory.until(launch, / (UN)?HEALTHY/);
      expect(quickStory.of(launch)).toEqual(['started app', 'health app HEALTHY']);
    } finally {
      await quick.dispose();
    }
  });

  test('starts containers in the order of dependsOn and stops them in the reverse order', async () => {
    const init = program('init', "console.log('ready')", { essential: false });
    const proxy = program('proxy', untilTold, {
      dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }],
      healthCheck: { command: ['CMD', 'node', '--version'], interval: 1 },
    });
    const app = program('app', untilTold, { dependsOn: [{ containerName: 'proxy', condition: 'HEALTHY' }] });
    const launch = launchOf([app, proxy, init], baseImage);
    runtime.start(launch);
    await story.until(launch, /^started app/);
    // Process 1 without a SIGTERM handler yet would ignore the signal.
    await Promise.all(['app', 'proxy'].map((name) => untilLine(launch, name, 'up')));
    const told = await end(launch);
    expect(told.filter((line) => !line.startsWith('health'))).toEqual([
      ...['started init', 'exited init 0', 'started proxy', 'started app'],
      ...['exited app 0', 'exited proxy 0', 'stopped'],
    ]);
  });

  test('does not start a container whose dependency failed', async () => {
    const init = program('init', 'process.exit(3)', { essential: false });
    const app = program('app', untilTold, { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] });
    const launch = launchOf([app, init], baseImage);
    runtime.start(launch);
    await story.until(launch, /^stopped$/);
    expect(story.of(launch)).toEqual([
      'started init',
      'exited init 3',
      expect.stringMatching(
        /^start-failed app: dependency graph: .*\[init\] for target \[app\].*did not exit successfully/,
      ),
      'stopped',
    ]);
  });
});

describe('what a container is given', () => {
  test('environment, secrets, command line, user, working directory and a read-only root', async () => {
    stand.parameters.set('/prod/token', 'from-ssm');
    const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf';
    stand.secrets.set(secret, JSON.stringify({ password: 'from-asm' }));
    const code = `
      let root = 'read-only'; try { require('fs').writeFileSync('/x', ''); root = 'writable'; } catch {}
      console.log(JSON.stringify([process.env.PLAIN, process.env.TOKEN, process.env.PASSWORD, process.getuid(), process.cwd(), root, process.env.AWS_REGION]))`;
    const app = program('app', code, {
      entryPoint: ['node'],
      command: ['-e', code],
      environment: [{ name: 'PLAIN', value: 'a=b' }],
      secrets: [
        { name: 'TOKEN', valueFrom: 'arn:aws:ssm:us-east-1:123456789012:parameter/prod/token' },
        { name: 'PASSWORD', valueFrom: `${secret}:password::` },
      ],
      user: '1000:1000',
      workingDirectory: '/tmp',
      readonlyRootFilesystem: true,
      linuxParameters: { initProcessEnabled: true },
      ulimits: [{ name: 'nofile', softLimit: 1024, hardLimit: 2048 }],
    });
    const launch = launchOf([app], baseImage);
    await run(launch);
    const [line] = stand.linesOf(`story/app/${launch.taskId}`);
    expect(JSON.parse(line ?? '')).toEqual([
      'a=b',
      'from-ssm',
      'from-asm',
      1000,
      '/tmp',
      'read-only',
      'us-east-1',
    ]);
  });

  test('credentials of its role and its metadata, through the network of the task', async () => {
    const code = `
      const env = process.env;
      const get = async (url, headers) => { const r = await fetch(url, { headers }); return [r.status, await r.json()]; };
      (async () => {
        console.log(JSON.stringify(await get(env.AWS_CONTAINER_CREDENTIALS_FULL_URI, { authorization: env.AWS_CONTAINER_AUTHORIZATION_TOKEN })));
        console.log(JSON.stringify((await get(env.AWS_CONTAINER_CREDENTIALS_FULL_URI))[0]));
        console.log(JSON.stringify((await get(env.ECS_CONTAINER_METADATA_URI_V4 + '/task'))[1].TaskARN));
      })();`;
    const launch = launchOf([program('app', code)], baseImage, {
      taskRoleArn: 'arn:aws:iam::123456789012:role/api',
    });
    await run(launch);
    const [credentials, refused, taskArn] = stand
      .linesOf(`story/app/${launch.taskId}`)
      .map((line) => JSON.parse(line));
    expect(credentials).toEqual([
      200,
      expect.objectContaining({ AccessKeyId: 'ASIA-api', RoleArn: launch.taskDefinition.taskRoleArn }),
    ]);
    expect(refused).toBe(401);
    expect(taskArn).toBe(launch.taskArn);
  });

  test('a volume shared by its containers, gone with the task', async () => {
    const mountPoints = [{ sourceVolume: 'data', containerPath: '/data' }];
    const writer = program('writer', "require('fs').writeFileSync('/data/x', 'kept')", {
      mountPoints,
      essential: false,
    });
    const reader = program('reader', "console.log(require('fs').readFileSync('/data/x', 'utf8'))", {
      mountPoints,
      dependsOn: [{ containerName: 'writer', condition: 'COMPLETE' }],
    });
    const launch = launchOf([reader, writer], baseImage, { volumes: [{ name: 'data' }] });
    runtime.start(launch);
    await story.until(launch, /^exited reader 0/);
    await end(launch);
    expect(stand.linesOf(`story/reader/${launch.taskId}`)).toEqual(['kept']);
    const { Volumes } = await docker.listVolumes();
    expect(Volumes.map((one) => one.Name).filter((name) => name.includes(launch.taskId))).toEqual([]);
  });
});

describe('a task that cannot start says why, in the words of AWS', () => {
  const cases: [
    title: string,
    container: Partial<ContainerDefinition>,
    image: string | undefined,
    reason: RegExp,
  ][] = [
    [
      'image not there',
      {},
      '127.0.0.1:9/none@sha256:'.padEnd(88, '0'),
      /^CannotPullContainerError: .*failed to resolve ref 127\.0\.0\.1:9\/none@sha256:0+: failed to do request/,
    ],
    [
      'program not there',
      { command: ['/no/such/program'] },
      undefined,
      /^CannotStartContainerError: .*no such file or directory/,
    ],
    [
      'shell check without a shell',
      { healthCheck: { command: ['CMD-SHELL', 'exit 0'] } },
      undefined,
      /^CannotCreateContainerError: .*CMD-SHELL.*no \/bin\/sh/,
    ],
    [
      'parameter not there',
      { secrets: [{ name: 'A', valueFrom: '/none' }] },
      undefined,
      /^ResourceInitializationError: unable to pull secrets or registry auth: .*invalid ssm parameters: \/none$/,
    ],
    [
      'secret not there',
      {
        secrets: [{ name: 'A', valueFrom: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:no-AbCdEf' }],
      },
      undefined,
      /^ResourceInitializationError: .*unable to retrieve secret from asm: .*ResourceNotFoundException/,
    ],
    [
      'log group not there',
      { logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/missing' } } },
      undefined,
      /^ResourceInitializationError: failed to validate logger args: .*The specified log group does not exist/,
    ],
    [
      'field not supported',
      { environmentFiles: [{ type: 's3', value: 'arn' }] },
      undefined,
      /^ResourceInitializationError: the local AWS does not support environmentFiles of container "app"/,
    ],
  ];
  test.each(cases)('%s', async (_, container, image, reason) => {
    const launch = launchOf([program('app', '0', container)], image ?? baseImage);
    runtime.start(launch);
    const failed = await story.until(launch, /^start-failed/);
    await story.until(launch, /^stopped$/);
    expect(failed.replace(/^start-failed \w+: /, '')).toMatch(reason);
    expect(await containersOf(launch)).toEqual([]);
  });

  test('stopped while it is being started, it only stops', async () => {
    const launch = launchOf([program('app', untilTold)], baseImage);
    runtime.start(launch);
    expect(await end(launch)).toEqual(['stopped']);
    expect(await containersOf(launch)).toEqual([]);
  });
});

test('tells what a task uses of its reservation: more while it works, nothing once it is gone', async () => {
  const code = `const fill = Buffer.alloc(64 << 20, 1); let mood = 'idle', round = 0;
    const work = () => { for (const from = Date.now(); Date.now() - from < 80; ); };
    process.on('SIGUSR2', () => { mood = 'busy'; round = 0; });
    setInterval(() => { if (mood === 'busy') work(); console.log(mood, round += 1); }, 100); ${untilTold}`;
  const launch = launchOf([program('app', code)], baseImage, { cpu: '256', memory: '512' });
  const usage = async () => (await runtime.taskUsage()).find((one) => one.taskArn === launch.taskArn);
  const usageWhile = async (mood: string) => {
    await untilLine(launch, 'app', `${mood} 1`);
    await usage();
    await untilLine(launch, 'app', `${mood} 8`);
    return usage();
  };
  runtime.start(launch);
  const idle = await usageWhile('idle');
  await docker.getContainer(`berth-${launch.taskId}-app`).kill({ signal: 'SIGUSR2' });
  const busy = await usageWhile('busy');
  // A quarter of a processor is reserved, and even on a crowded machine it gets some of one.
  expect(busy?.cpuPercentOfReservation).toBeGreaterThan(10);
  expect(idle?.cpuPercentOfReservation).toBeLessThan((busy?.cpuPercentOfReservation ?? 0) / 2);
  expect(busy?.memoryPercentOfReservation).toBeGreaterThan((64 / 512) * 100);
  expect(busy?.memoryPercentOfReservation).toBeLessThan(100);
  await end(launch);
  expect(await usage()).toBeUndefined();
});

describe('an end without goodbye', () => {
  test('dispose removes every container at once, also those that ignore SIGTERM', async () => {
    const other = await createDockerRuntime(runtimeOptions());
    const told = new TaskStory(other);
    const launches = [1, 2, 3].map(() =>
      launchOf([program('app', 'setInterval(() => {}, 1000)', { stopTimeout: 3_600 })], baseImage),
    );
    for (const launch of launches) other.start(launch);
    await Promise.all(launches.map((launch) => told.until(launch, /^started/)));
    await other.dispose();
    // None had the hour that it has between SIGTERM and SIGKILL.
    expect((await Promise.all(launches.map(containersOf))).flat()).toEqual([]);
  });

  test('a new runtime removes what a killed process left, and nothing of a living one', async () => {
    const living = launchOf([program('app', untilTold)], baseImage);
    runtime.start(living);
    await untilLine(living, 'app', 'up');
    const labels = (await docker.getContainer(`berth-${living.taskId}-app`).inspect()).Config.Labels;
    const orphan = await docker.createContainer({
      Image: baseImage,
      Labels: { ...labels, 'berth.owner': '999999:1' },
    });
    const next = await createDockerRuntime(runtimeOptions());
    await next.dispose();
    await expect(orphan.inspect()).rejects.toMatchObject({ statusCode: 404 });
    expect(await containersOf(living)).toHaveLength(2);
    await end(living);
  });
});

test('nothing was warned of', () => {
  expect(warnings).toEqual([]);
});

function untilLine(launch: TaskLaunch, container: string, line: string): Promise<void> {
  return stand.untilLine(`story/${container}/${launch.taskId}`, line);
}
