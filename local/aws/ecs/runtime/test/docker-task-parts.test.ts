import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import { dependenciesOf, dependencyReason, dependentsOf } from '../docker-dependencies.ts';
import { digestOf } from '../docker-image.ts';
import { logTarget } from '../docker-logs.ts';
import { pauseOptions } from '../docker-pause.ts';
import { parseSecretSource, type SecretSource } from '../docker-secrets.ts';
import { unsupportedFields } from '../docker-unsupported.ts';
import { launchOf } from './task-story.ts';

describe('valueFrom of a secret names', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf';
  const rows: [valueFrom: string, source: SecretSource][] = [
    [arn, { kind: 'secrets-manager', region: 'eu-west-1', secretId: arn }],
    [
      `${arn}:password::`,
      { kind: 'secrets-manager', region: 'eu-west-1', secretId: arn, jsonKey: 'password' },
    ],
    [
      `${arn}:password:AWSPREVIOUS:1234`,
      {
        kind: 'secrets-manager',
        region: 'eu-west-1',
        secretId: arn,
        jsonKey: 'password',
        versionStage: 'AWSPREVIOUS',
        versionId: '1234',
      },
    ],
    [`${arn}:::1234`, { kind: 'secrets-manager', region: 'eu-west-1', secretId: arn, versionId: '1234' }],
    [
      'arn:aws:ssm:eu-west-1:123456789012:parameter/prod/token',
      { kind: 'ssm', region: 'eu-west-1', name: '/prod/token' },
    ],
    [
      'arn:aws:ssm:eu-west-1:123456789012:parameter/token',
      { kind: 'ssm', region: 'eu-west-1', name: 'token' },
    ],
    ['/prod/token', { kind: 'ssm', region: 'us-east-1', name: '/prod/token' }],
  ];
  test.each(rows)('%s', (valueFrom, source) => {
    expect(parseSecretSource(valueFrom, 'us-east-1')).toEqual(source);
  });
});

describe('dependencies', () => {
  const all: ContainerDefinition[] = [
    { name: 'db', startTimeout: 20 },
    { name: 'proxy', dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }] },
    {
      name: 'app',
      dependsOn: [
        { containerName: 'db', condition: 'START' },
        { containerName: 'proxy', condition: 'START' },
      ],
    },
  ];
  test('carry the startTimeout of the container that is waited for', () => {
    expect(all.map((one) => dependenciesOf(one, all))).toEqual([
      [],
      [{ container: 'db', condition: 'HEALTHY', timeoutMs: 20_000 }],
      [
        { container: 'db', condition: 'START', timeoutMs: 20_000 },
        { container: 'proxy', condition: 'START' },
      ],
    ]);
  });
  test('are stopped after those that depend on them', () => {
    expect(['db', 'proxy', 'app'].map((name) => dependentsOf(name, all))).toEqual([
      ['proxy', 'app'],
      ['app'],
      [],
    ]);
  });
  test('are named when they fail', () => {
    const dependency = { container: 'db', condition: 'HEALTHY' as const };
    expect(dependencyReason('app', dependency, 'timed-out')).toContain(
      '[db] for target [app] has timed out.',
    );
    expect(dependencyReason('app', dependency, 'failed')).toContain(
      '[db] for target [app] as dependency did not exit successfully.',
    );
  });
});

describe('what the local AWS cannot give is named', () => {
  const rows: [container: Partial<ContainerDefinition>, named: string][] = [
    [
      { environmentFiles: [{ value: 'arn', type: 's3' }] },
      'environmentFiles of container "app" (write the variables into environment)',
    ],
    [{ logConfiguration: { logDriver: 'splunk' } }, 'log driver splunk of container "app" (use awslogs)'],
    [
      {
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': '/a', 'awslogs-datetime-format': '%Y' },
        },
      },
      'log option awslogs-datetime-format of container "app" (leave it out)',
    ],
    [{ privileged: true }, 'privileged of container "app" (Fargate refuses it too)'],
    [
      { portMappings: [{ containerPortRange: '1-2' }] },
      'containerPortRange of container "app" (list the ports)',
    ],
    [
      { restartPolicy: { enabled: true } },
      'restartPolicy of container "app" (let the service replace the task)',
    ],
  ];
  test.each(rows)('%j', (container, named) => {
    expect(unsupportedFields({ containerDefinitions: [{ name: 'app', ...container }] })).toEqual([named]);
  });

  test('a volume of the host too', () => {
    const definition: TaskDefinition = {
      volumes: [{ name: 'v', host: { sourcePath: '/var' } }, { name: 'w' }],
    };
    expect(unsupportedFields(definition)).toEqual([
      'volume "v" (only volumes that live and die with the task are there)',
    ]);
  });

  test('and nothing else', () => {
    const plain: ContainerDefinition = {
      name: 'app',
      environmentFiles: [],
      systemControls: [],
      volumesFrom: [],
      restartPolicy: { enabled: false },
      privileged: false,
      portMappings: [{ containerPort: 8000 }],
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/a', mode: 'non-blocking' } },
    };
    expect(unsupportedFields({ containerDefinitions: [plain] })).toEqual([]);
  });
});

test('finds the digest of the repository that was pulled, not of another with the same image', () => {
  const digests = ['other/api@sha256:1', '127.0.0.1:4566/api@sha256:2'];
  expect(digestOf('127.0.0.1:4566/api:v1', digests)).toBe('sha256:2');
  expect(digestOf('127.0.0.1:4566/api@sha256:3', digests)).toBe('sha256:3');
  expect(digestOf('berth/base:x', digests)).toBeUndefined();
});

test('names the log stream prefix/container/task-id', () => {
  const options = {
    'awslogs-group': '/shop',
    'awslogs-stream-prefix': 'api',
    'awslogs-create-group': 'true',
  };
  expect(logTarget({ logDriver: 'awslogs', options }, 'app', { taskId: '1f', region: 'us-east-1' })).toEqual({
    region: 'us-east-1',
    group: '/shop',
    stream: 'api/app/1f',
    createGroup: true,
  });
});

describe('the container that holds the network', () => {
  const app: ContainerDefinition = {
    name: 'app',
    portMappings: [{ containerPort: 8000 }, { containerPort: 53, protocol: 'udp' }],
  };
  const side: ContainerDefinition = { name: 'side', portMappings: [{ containerPort: 9090 }] };
  const around = { image: 'base', gateway: { socketPath: '/run/aws.sock' }, names: [], labels: {} };
  test('publishes every port of the task on 127.0.0.1 only', () => {
    const options = pauseOptions(launchOf([app, side], 'image'), around);
    const local = [{ HostIp: '127.0.0.1', HostPort: '' }];
    expect(options.HostConfig?.PortBindings).toEqual({
      '8000/tcp': local,
      '53/udp': local,
      '9090/tcp': local,
    });
  });
  test('reaches the gateway by its socket, or by the host where there is none', () => {
    const bySocket = pauseOptions(launchOf([app], 'image'), around);
    expect(bySocket.HostConfig).toMatchObject({
      Mounts: [{ Type: 'bind', Source: '/run/aws.sock' }],
      ExtraHosts: [],
    });
    const byPort = pauseOptions(launchOf([app], 'image'), { ...around, gateway: { port: 4566 } });
    expect(byPort.Env).toContain('BERTH_GATEWAY=host.docker.internal:4566');
    expect(byPort.HostConfig).toMatchObject({
      Mounts: undefined,
      ExtraHosts: ['host.docker.internal:host-gateway'],
    });
  });
  test('knows private names: an address a host, all its ports there', () => {
    // The task itself listens on 8000.
    const names = ['database:5432', 'order:3001', 'app:8000', 'database:5433'];
    const options = pauseOptions(launchOf([app], 'image'), { ...around, names });
    expect(options.HostConfig?.ExtraHosts).toEqual(['database:127.255.0.1', 'order:127.255.0.2']);
    const told = options.Env?.find((line) => line.startsWith('BERTH_NAMES='))?.split('=')[1] ?? '';
    expect(JSON.parse(told)).toEqual([
      { name: 'database:5432', address: '127.255.0.1' },
      { name: 'order:3001', address: '127.255.0.2' },
      { name: 'database:5433', address: '127.255.0.1' },
    ]);
  });
});
