import { Readable } from 'node:stream';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Docker from 'dockerode';
import { ensureBaseImage } from '../../../../machine/base-image.ts';
import { connectDocker } from '../../../../machine/docker-client.ts';
import { type DockerEngine, ensureDockerEngine } from '../../../../machine/docker-engine.ts';
import { followProgress } from '../../../../machine/docker-progress.ts';
import { renderTar, type TarEntry } from '../../../../machine/tar.ts';
import { volumeName } from '../docker-container-options.ts';
import { waitForStop } from '../docker-exit.ts';
import { createDockerRuntime, type DockerRuntime } from '../docker-runtime.ts';
import type { TaskLaunch } from '../task-runtime.ts';
import { AgentStand } from './agent-stand.ts';
import { EngineBetween } from './engine-between.ts';
import { launchOf, TaskStory } from './task-story.ts';

const stand = new AgentStand();
const warnings: string[] = [];
let engine: DockerEngine;
let between: EngineBetween;
let docker: Docker;
let baseImage: string;
let runtime: DockerRuntime;
let story: TaskStory;
let pullsCached = true;

beforeAll(async () => {
  engine = await ensureDockerEngine();
  docker = connectDocker(engine.host);
  baseImage = await ensureBaseImage(docker);
  between = new EngineBetween(engine.host);
  await between.open();
  await stand.open();
  runtime = await createDockerRuntime({
    docker: connectDocker(between.host),
    clock: { now: () => Date.now() },
    baseImage,
    gateway: { socketPath: stand.socketPath },
    endpoint: stand.endpoint,
    credentialsFor: () => Promise.reject(new Error('no task here has a role')),
    registryAuth: async () => undefined,
    get imagePull() {
      return pullsCached ? ('prefer-cached' as const) : ('always' as const);
    },
    warn: (line) => warnings.push(line),
  });
  story = new TaskStory(runtime);
});

afterAll(async () => {
  await runtime.dispose();
  await between.close();
  await stand.close();
  await engine.release();
});

const logConfiguration = {
  logDriver: 'awslogs' as const,
  options: { 'awslogs-group': '/test', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'story' },
};

/** A container that runs one line of JavaScript. */
function program(name: string, code: string, more: Partial<ContainerDefinition> = {}): ContainerDefinition {
  return { name, image: `repository/${name}`, command: ['node', '-e', code], logConfiguration, ...more };
}

const lasting =
  "setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(0)); console.log('up');";
const sharedPort = "require('http').createServer().listen(8000, () => console.log('listens'));";

async function ended(launch: TaskLaunch): Promise<string[]> {
  runtime.start(launch);
  await story.until(launch, /^(exited|start-failed)/);
  runtime.stop(launch.taskArn);
  await story.until(launch, /^stopped$/);
  return story.of(launch);
}

function untilLine(launch: TaskLaunch, container: string, line: string): Promise<void> {
  return stand.untilLine(`story/${container}/${launch.taskId}`, line);
}

const nameOf = (launch: TaskLaunch) => `berth-${launch.taskId}-app`;

async function containersOf(launch: TaskLaunch): Promise<string[]> {
  const all = await docker.listContainers({ all: true });
  return all.flatMap((one) => one.Names).filter((name) => name.includes(launch.taskId));
}

describe('a container', () => {
  test('that somebody kills has ended with 137', async () => {
    const launch = launchOf([program('app', lasting)], baseImage);
    runtime.start(launch);
    await untilLine(launch, 'app', 'up');
    await docker.getContainer(nameOf(launch)).kill();
    expect(await story.until(launch, /^exited/)).toBe('exited app 137');
    runtime.stop(launch.taskArn);
    await story.until(launch, /^stopped$/);
  });

  test('that somebody removes has ended with 137 too', async () => {
    const launch = launchOf([program('app', lasting)], baseImage);
    runtime.start(launch);
    await untilLine(launch, 'app', 'up');
    await docker.getContainer(nameOf(launch)).remove({ force: true });
    expect(await story.until(launch, /^exited/)).toMatch(/^exited app 137/);
    runtime.stop(launch.taskArn);
    await story.until(launch, /^stopped$/);
  });

  test('whose port another container of its task has says so and ends', async () => {
    const first = program('first', `${sharedPort} ${lasting}`);
    const second = program('app', sharedPort, {
      dependsOn: [{ containerName: 'first', condition: 'START' }],
    });
    const waiting = "const { connect } = require('net'); const wait = () => connect(8000, '127.0.0.1')";
    const late = `${waiting}.on('connect', () => { ${sharedPort} }).on('error', () => setTimeout(wait, 50)); wait();`;
    const launch = launchOf([first, { ...second, command: ['node', '-e', late] }], baseImage);
    expect(await ended(launch)).toContain('exited app 1');
    expect(stand.linesOf(`story/app/${launch.taskId}`).join('\n')).toMatch(
      /EADDRINUSE: address already in use :::8000/,
    );
  });

  test('whose program is of another format says so and ends', async () => {
    const odd: TarEntry = {
      kind: 'file',
      path: 'program',
      mode: 0o755,
      content: Buffer.from('not a program'),
    };
    const made = await docker.importImage(Readable.from(renderTar([odd])), {
      repo: 'berth-test/odd',
      tag: '1',
    });
    await followProgress(made);
    const launch = launchOf([program('app', '', { command: ['/program'] })], 'berth-test/odd:1');
    expect(await ended(launch)).toEqual(['started app', 'exited app 1', 'stopped']);
    expect(stand.linesOf(`story/app/${launch.taskId}`).join()).toMatch(/exec format error/);
    await docker.getImage('berth-test/odd:1').remove();
  });

  test('whose own disk is full says so and ends', async () => {
    const app = program('app', "require('fs').writeFileSync('/scratch/x', Buffer.alloc(2 << 20))", {
      linuxParameters: { tmpfs: [{ containerPath: '/scratch', size: 1 }] },
    });
    const launch = launchOf([app], baseImage);
    expect(await ended(launch)).toEqual(['started app', 'exited app 1', 'stopped']);
    expect(stand.linesOf(`story/app/${launch.taskId}`).join('\n')).toMatch(
      /ENOSPC: no space left on device, write/,
    );
  });
});

describe("the engine's disk is full", () => {
  test('when a container is made', async () => {
    const mountPoints = [{ sourceVolume: 'data', containerPath: '/usr/local/bin' }];
    const launch = launchOf([program('app', lasting, { mountPoints })], baseImage, {
      volumes: [{ name: 'data' }],
    });
    // A volume of 1 MiB, into which the engine copies what the image has at its place: more than that.
    const DriverOpts = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' };
    await docker.createVolume({ Name: volumeName(launch, 'data'), DriverOpts });
    expect(await ended(launch)).toEqual([
      expect.stringMatching(
        /^start-failed app: CannotCreateContainerError: Error response from daemon: .*: no space left on device$/,
      ),
      'stopped',
    ]);
    expect(await containersOf(launch)).toEqual([]);
  });

  test('when an image is pulled', async () => {
    const error = 'failed to register layer: write /usr/local/bin/node: no space left on device';
    between.answerNext({
      request: /^POST \/images\/create/,
      status: 200,
      body: [{ status: 'Pulling from web' }, { errorDetail: { message: error }, error }],
    });
    pullsCached = false;
    const launch = launchOf([program('app', lasting)], baseImage);
    expect(await ended(launch)).toEqual([`start-failed task: CannotPullContainerError: ${error}`, 'stopped']);
    pullsCached = true;
  });
});

test('a port that the engine cannot publish keeps the task from starting, and is told', async () => {
  const message =
    'driver failed programming external connectivity on endpoint web: Bind for 127.0.0.1:49153 failed: port is already allocated';
  between.answerNext({ request: /^POST \/containers\/[0-9a-f]+\/start/, status: 500, body: { message } });
  const launch = launchOf([program('app', lasting, { portMappings: [{ containerPort: 8000 }] })], baseImage);
  expect(await ended(launch)).toEqual([
    `start-failed task: ResourceInitializationError: unable to make the network of the task: ${message}`,
    'stopped',
  ]);
  expect(await containersOf(launch)).toEqual([]);
});

test('a connection to the engine that breaks ends no task that lives on', async () => {
  const talking = `${lasting} let n = 0; setInterval(() => console.log('line', n += 1), 100)`;
  const launch = launchOf([program('app', talking)], baseImage);
  runtime.start(launch);
  await untilLine(launch, 'app', 'up');
  between.cutConnections();
  const { length } = stand.linesOf(`story/app/${launch.taskId}`);
  await untilLine(launch, 'app', `line ${length + 20}`);
  await docker.getContainer(nameOf(launch)).kill({ signal: 'SIGTERM' });
  await story.until(launch, /^exited/);
  runtime.stop(launch.taskArn);
  await story.until(launch, /^stopped$/);
  expect(story.of(launch)).toEqual(['started app', 'exited app 0', 'stopped']);
});

describe('an engine that dies', () => {
  test('ends its tasks for want of an answer, starts none, and is cleaned up when it is back', async () => {
    const running = launchOf([program('app', lasting)], baseImage);
    runtime.start(running);
    await untilLine(running, 'app', 'up');
    await between.kill();
    expect(await story.until(running, /^exited/)).toMatch(
      /^exited app undefined CannotInspectContainerError: Cannot connect to the Docker daemon at unix:/,
    );
    runtime.stop(running.taskArn);
    await story.until(running, /^stopped$/);
    expect(await ended(launchOf([program('app', lasting)], baseImage))).toEqual([
      expect.stringMatching(/^start-failed task: .*: Cannot connect to the Docker daemon at unix:.*\?$/),
      'stopped',
    ]);
    expect(await containersOf(running)).toHaveLength(2);
    await between.revive();
    await waitForStop(docker, nameOf(running), 'removed').catch(() => undefined);
    await expect(docker.getContainer(nameOf(running)).inspect()).rejects.toMatchObject({ statusCode: 404 });
    const next = launchOf([program('app', lasting)], baseImage);
    runtime.start(next);
    await untilLine(next, 'app', 'up');
    runtime.stop(next.taskArn);
    await story.until(next, /^stopped$/);
    expect(warnings.join()).toContain('the Docker engine ended its event stream');
  });
});
