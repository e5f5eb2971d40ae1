import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import type Docker from 'dockerode';
import { containerOptions } from '../docker-container-options.ts';
import { launchOf } from './task-story.ts';

function optionsOf(
  container: Partial<ContainerDefinition>,
  definition: Partial<TaskDefinition> = {},
  around: { secrets?: Record<string, string>; environment?: Record<string, string>; overrides?: object } = {},
): Docker.ContainerCreateOptions {
  const launch = {
    ...launchOf([{ name: 'app', ...container }], 'repository@sha256:1', definition),
    overrides: around.overrides,
  };
  return containerOptions(
    { name: 'app', ...container },
    {
      launch,
      networkHolder: 'pause-id',
      secrets: around.secrets ?? {},
      environment: around.environment ?? {},
      labels: { 'berth.owner': '1:2' },
    },
  );
}

describe('one container of a task definition becomes', () => {
  const rows: [field: string, container: Partial<ContainerDefinition>, options: object][] = [
    [
      'entryPoint and command',
      { entryPoint: ['node'], command: ['a.js'] },
      { Entrypoint: ['node'], Cmd: ['a.js'] },
    ],
    [
      'user and workingDirectory',
      { user: '1000', workingDirectory: '/app' },
      { User: '1000', WorkingDir: '/app' },
    ],
    ['stopTimeout', { stopTimeout: 7 }, { StopTimeout: 7 }],
    ['no stopTimeout', {}, { StopTimeout: 30 }],
    ["no health check: the image's is off", {}, { Healthcheck: { Test: ['NONE'] } }],
    [
      'a health check with the defaults of ECS',
      { healthCheck: { command: ['CMD', 'node', 'check.js'] } },
      {
        Healthcheck: {
          Test: ['CMD', 'node', 'check.js'],
          Interval: 30e9,
          Timeout: 5e9,
          Retries: 3,
          StartPeriod: 0,
        },
      },
    ],
    [
      'a health check with its own times',
      { healthCheck: { command: ['CMD', 'x'], interval: 5, timeout: 2, retries: 1, startPeriod: 10 } },
      { Healthcheck: { Test: ['CMD', 'x'], Interval: 5e9, Timeout: 2e9, Retries: 1, StartPeriod: 10e9 } },
    ],
  ];
  test.each(rows)('%s', (_, container, options) => {
    expect(optionsOf(container)).toMatchObject(options);
  });

  const hostRows: [field: string, container: Partial<ContainerDefinition>, host: object][] = [
    ['the network of the pause container', {}, { NetworkMode: 'container:pause-id' }],
    ['readonlyRootFilesystem', { readonlyRootFilesystem: true }, { ReadonlyRootfs: true }],
    ['initProcessEnabled', { linuxParameters: { initProcessEnabled: true } }, { Init: true }],
    ['memory, without swap', { memory: 256 }, { Memory: 268435456, MemorySwap: 268435456 }],
    ['memoryReservation', { memoryReservation: 128 }, { MemoryReservation: 134217728 }],
    ['cpu as a weight', { cpu: 512 }, { CpuShares: 512 }],
    [
      'ulimits',
      { ulimits: [{ name: 'nofile', softLimit: 10, hardLimit: 20 }] },
      { Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }] },
    ],
    [
      'capabilities',
      { linuxParameters: { capabilities: { add: ['SYS_PTRACE'], drop: ['ALL'] } } },
      { CapAdd: ['SYS_PTRACE'], CapDrop: ['ALL'] },
    ],
    [
      'tmpfs',
      { linuxParameters: { tmpfs: [{ containerPath: '/t', size: 8, mountOptions: ['noexec'] }] } },
      { Tmpfs: { '/t': 'size=8m,noexec' } },
    ],
  ];
  test.each(hostRows)('%s', (_, container, host) => {
    expect(optionsOf(container).HostConfig).toMatchObject(host);
  });

  test('a mount of the volume that lives with the task', () => {
    const options = optionsOf({
      mountPoints: [{ sourceVolume: 'data', containerPath: '/data', readOnly: true }],
    });
    expect(options.HostConfig?.Mounts).toEqual([
      {
        Type: 'volume',
        Source: expect.stringMatching(/^berth-[0-9a-f]{32}-volume-data$/),
        Target: '/data',
        ReadOnly: true,
      },
    ]);
  });
});

test('takes the memory of the task where the container has none', () => {
  expect(optionsOf({}, { memory: '512' }).HostConfig?.Memory).toBe(512 * 1024 * 1024);
});

test('lets overrides win over secrets, these over environment, this over what the runtime sets', () => {
  const names = ['A', 'B', 'C', 'D'];
  const all = (value: string, count: number) => names.slice(0, count).map((name) => ({ name, value }));
  const options = optionsOf(
    { environment: all('definition', 3) },
    {},
    {
      environment: Object.fromEntries(names.map((name) => [name, 'runtime'])),
      secrets: { A: 'secret', B: 'secret' },
      overrides: { containerOverrides: [{ name: 'app', environment: all('override', 1) }] },
    },
  );
  expect(options.Env).toEqual(['A=override', 'B=secret', 'C=definition', 'D=runtime']);
});

test('keeps its own labels from being overwritten by dockerLabels', () => {
  expect(optionsOf({ dockerLabels: { 'berth.owner': 'me', mine: '1' } }).Labels).toMatchObject({
    'berth.owner': '1:2',
    mine: '1',
  });
});
