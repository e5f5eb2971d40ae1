import { describe, expect, test } from '@jest/globals';
import { ecsClient, logsClient } from '../../src/aws-clients.ts';
import type { StopCause } from '../../src/decide/stop-reason.ts';
import { readLogLines } from '../../src/ecs/log-lines.ts';
import { readServices } from '../../src/ecs/service.ts';
import { listServiceDeployments, readServiceDeployments } from '../../src/ecs/service-deployment.ts';
import { readStoppedTasks } from '../../src/ecs/stopped-tasks.ts';
import { tryTaskDefinition } from '../../src/ecs/task-definition.ts';
import { deploymentArn, revisionArn, T0, taskDefinitionArn } from '../decide/readings.ts';
import { type Answer, refuse, scriptedAws, type WireCall } from '../doubles/scripted-aws.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `service-${i}`);
const describeAll = ({ input }: WireCall) => ({
  services: input.services?.map((serviceName) => ({ serviceName, status: 'ACTIVE' })),
});

describe('reading services', () => {
  test('takes one call for each ten, and keeps the order', async () => {
    const aws = scriptedAws(describeAll);
    const services = await readServices(ecsClient(aws.access), 'shop', names(25));
    expect(services.map(({ serviceName }) => serviceName)).toEqual(names(25));
    expect(aws.calls.map(({ input }) => input.services?.length)).toEqual([10, 10, 5]);
  });

  test.each<[string, Record<string, Answer>, RegExp]>([
    [
      'a wrong service',
      {
        DescribeServices: { services: [], failures: [{ reason: 'MISSING' }] },
        ListServices: { serviceArns: ['arn:aws:ecs:us-east-1:123456789012:service/shop/email-api'] },
      },
      /Cluster "shop" in us-east-1 has no service "email-apl"\. Did you mean "email-api"\?/,
    ],
    [
      'a cluster without services',
      { DescribeServices: { services: [] }, ListServices: { serviceArns: [] } },
      /has no service "email-apl"\. The cluster has no services\./,
    ],
    [
      'a wrong cluster',
      {
        DescribeServices: refuse('ClusterNotFoundException', 'Cluster not found.'),
        ListClusters: { clusterArns: ['arn:aws:ecs:us-east-1:123456789012:cluster/shop-prod'] },
      },
      /There is no cluster "shop" in us-east-1\. Did you mean "shop-prod"\?/,
    ],
    [
      'a wrong region',
      { DescribeServices: refuse('ClusterNotFoundException'), ListClusters: { clusterArns: [] } },
      /There is no cluster "shop" in us-east-1\. Check account, region and role\./,
    ],
    [
      'a wrong service that may not be looked for',
      { DescribeServices: { services: [] }, ListServices: refuse('AccessDeniedException') },
      /Cluster "shop" in us-east-1 has no service "email-apl"\./,
    ],
  ])('names the near matches of %s in one line', async (_title, answers, message) => {
    const aws = scriptedAws(({ operation }) => answers[operation] ?? {});
    await expect(readServices(ecsClient(aws.access), 'shop', ['email-apl'])).rejects.toThrow(message);
  });
});

describe('reading service deployments', () => {
  test('takes one call for each twenty', async () => {
    const arns = Array.from({ length: 45 }, (_, i) => deploymentArn(`d${i}`));
    const aws = scriptedAws(({ input }) => ({
      serviceDeployments: input.serviceDeploymentArns?.map((serviceDeploymentArn) => ({
        serviceDeploymentArn,
      })),
    }));
    expect((await readServiceDeployments(ecsClient(aws.access), arns)).size).toBe(45);
    expect(aws.calls).toHaveLength(3);
  });

  test('gives plain data', async () => {
    const aws = scriptedAws(() => ({
      serviceDeployments: [
        {
          serviceDeploymentArn: deploymentArn('ours'),
          status: 'ROLLBACK_SUCCESSFUL',
          createdAt: T0 / 1000,
          targetServiceRevision: {
            arn: revisionArn(2),
            requestedTaskCount: 2,
            runningTaskCount: 1,
            pendingTaskCount: 1,
          },
          rollback: { reason: 'because', serviceRevisionArn: revisionArn(1) },
          deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 },
        },
      ],
    }));
    const readings = await readServiceDeployments(ecsClient(aws.access), [deploymentArn('ours')]);
    expect(readings.get(deploymentArn('ours'))).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      createdAt: T0,
      target: { serviceRevisionArn: revisionArn(2), requested: 2, running: 1, pending: 1 },
      rollback: { reason: 'because', serviceRevisionArn: revisionArn(1) },
      breaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 },
      hooks: [],
    });
  });

  test('lists all pages, newest first', async () => {
    const entry = (i: number) => ({ serviceDeploymentArn: deploymentArn(`d${i}`), createdAt: T0 / 1000 + i });
    const aws = scriptedAws(({ input }) =>
      input.nextToken
        ? { serviceDeployments: [entry(3), entry(2)] }
        : { serviceDeployments: [entry(1)], nextToken: 'more' },
    );
    const listed = await listServiceDeployments(ecsClient(aws.access), {
      cluster: 'shop',
      serviceName: 'email-api',
    });
    expect(listed.map(({ createdAt }) => createdAt - T0)).toEqual([3_000, 2_000, 1_000]);
  });
});

describe('reading a task definition', () => {
  test('gives its tags', async () => {
    const aws = scriptedAws(() => ({
      taskDefinition: { taskDefinitionArn: taskDefinitionArn(2), status: 'ACTIVE' },
      tags: [{ key: 'known-bad', value: 'smoke' }],
    }));
    expect(await tryTaskDefinition(ecsClient(aws.access), 'email-api:2')).toMatchObject({
      tags: { 'known-bad': 'smoke' },
    });
    expect(aws.calls[0]?.input).toEqual({ taskDefinition: 'email-api:2', include: ['TAGS'] });
  });

  test('gives nothing for one that is not there', async () => {
    const aws = scriptedAws(() => refuse('ClientException', 'Unable to describe task definition.'));
    expect(await tryTaskDefinition(ecsClient(aws.access), 'email-api:2')).toBeUndefined();
  });

  test('passes other refusals on', async () => {
    const aws = scriptedAws(() => refuse('AccessDeniedException', 'User x is not authorized'));
    await expect(tryTaskDefinition(ecsClient(aws.access), 'email-api:2')).rejects.toThrow('not authorized');
  });
});

test('stopped tasks are those of the task definition and the time, newest first', async () => {
  const task = (id: string, n: number, createdAt: number, stoppedAt: number) => ({
    taskArn: id,
    taskDefinitionArn: taskDefinitionArn(n),
    createdAt: createdAt / 1000,
    stoppedAt: stoppedAt / 1000,
    containers: [{ name: 'app', exitCode: 1 }],
  });
  const tasks = [
    task('a', 2, T0, T0 + 5_000),
    task('old', 2, T0 - 1, T0 + 5_000),
    task('other', 1, T0, T0),
    task('b', 2, T0, T0 + 9_000),
  ];
  const aws = scriptedAws(({ operation }) => (operation === 'ListTasks' ? { taskArns: ['a'] } : { tasks }));
  const filter = {
    cluster: 'shop',
    serviceName: 'email-api',
    taskDefinitionArn: taskDefinitionArn(2),
    createdFrom: T0,
  };
  const stopped = await readStoppedTasks(ecsClient(aws.access), filter);
  expect(stopped.map(({ taskArn }) => taskArn)).toEqual(['b', 'a']);
  expect(aws.calls[0]?.input).toEqual({
    cluster: 'shop',
    serviceName: 'email-api',
    desiredStatus: 'STOPPED',
  });
});

test('reads all pages of stopped tasks: those that were replaced may fill the first', async () => {
  const task = (taskArn: string) => ({
    taskArn,
    taskDefinitionArn: taskDefinitionArn(taskArn === 'ours' ? 2 : 1),
    createdAt: T0 / 1000,
  });
  const old = Array.from({ length: 100 }, (_, i) => `old${i}`);
  const aws = scriptedAws(({ operation, input }) => {
    if (operation === 'DescribeTasks') return { tasks: input.tasks?.map(task) };
    return input.nextToken ? { taskArns: ['ours'] } : { taskArns: old, nextToken: 'more' };
  });
  const filter = {
    cluster: 'shop',
    serviceName: 'email-api',
    taskDefinitionArn: taskDefinitionArn(2),
    createdFrom: T0,
  };
  const stopped = await readStoppedTasks(ecsClient(aws.access), filter);
  expect(stopped.map(({ taskArn }) => taskArn)).toEqual(['ours']);
});

describe('reading the last log lines', () => {
  const cause = {
    taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/shop/0123',
    container: 'app',
  } as StopCause;
  const options = { 'awslogs-group': '/ecs/email-api', 'awslogs-stream-prefix': 'email' };
  const document = {
    containerDefinitions: [{ name: 'app', logConfiguration: { logDriver: 'awslogs', options } }],
  };
  const read = (answer: Answer, taskDefinition: object | undefined = document, of = cause) => {
    const aws = scriptedAws(() => answer);
    return readLogLines(logsClient(aws.access), of, taskDefinition as typeof document, 2).then((lines) => ({
      lines,
      aws,
    }));
  };

  test('takes those of the container to blame', async () => {
    const { lines, aws } = await read({
      events: [{ message: 'one' }, { message: 'two\n' }, { message: 'three' }],
    });
    expect(lines).toEqual({ lines: ['two', 'three'], place: '/ecs/email-api email/app/0123' });
    expect(aws.calls[0]?.input).toMatchObject({
      logStreamName: 'email/app/0123',
      limit: 200,
      startFromHead: false,
    });
  });

  test.each<[string, Answer, object | undefined, RegExp]>([
    ['an empty log', { events: [] }, document, /wrote nothing/],
    ['no stream', refuse('ResourceNotFoundException'), document, /wrote nothing/],
    ['no permission', refuse('AccessDeniedException'), document, /logs:GetLogEvents/],
    [
      'another log driver',
      {},
      { containerDefinitions: [{ name: 'app', logConfiguration: { logDriver: 'awsfirelens' } }] },
      /no awslogs/,
    ],
    ['no task definition', {}, undefined, /no awslogs/],
  ])('says why there are none: %s', async (_title, answer, taskDefinition, note) => {
    const { lines } = await read(answer, taskDefinition ?? {});
    expect(lines).toMatchObject({ lines: [], note: expect.stringMatching(note) });
  });

  test('makes no call when no container had started', async () => {
    const { lines, aws } = await read({}, document, { ...cause, container: undefined });
    expect([lines.note, aws.calls.length]).toEqual(['no container had started', 0]);
  });
});
