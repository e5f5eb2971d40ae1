import { describe, expect, test } from '@jest/globals';
import { ecsClient } from '../../src/aws-clients.ts';
import type { ServiceSettings } from '../../src/decide/service-settings.ts';
import { findOneOffTasks, type OneOffTask, runOneOffTask } from '../../src/ecs/one-off-task.ts';
import { hangUp, scriptedAws } from '../doubles/scripted-aws.ts';
import { virtualClock } from '../doubles/virtual-clock.ts';

const CLUSTER = 'arn:aws:ecs:us-east-1:123456789012:cluster/shop';
const TASK = 'arn:aws:ecs:us-east-1:123456789012:task/shop/0123456789abcdef0123456789abcdef';

const taskOf = (settings: Partial<ServiceSettings> = {}): OneOffTask => ({
  clusterArn: CLUSTER,
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:2',
  settings: {
    capacityProviderStrategy: [],
    loadBalancers: [],
    deploymentConfiguration: {},
    hasServiceConnect: false,
    ...settings,
  },
  container: 'web',
  command: ['up'],
  environment: {},
  startedBy: 'berth-migrate/0',
  clientToken: 'token',
  tags: { 'git-sha': '4f5e' },
});
const sent = async (settings: Partial<ServiceSettings>) => {
  const aws = scriptedAws(() => ({ tasks: [{ taskArn: TASK }] }));
  await runOneOffTask(ecsClient(aws.access), taskOf(settings), virtualClock());
  return aws.calls[0]?.input;
};

describe('a one-off task', () => {
  test('takes the placement of a service on container instances', async () => {
    const placement = {
      placementConstraints: [{ type: 'distinctInstance' as const }],
      placementStrategy: [{ type: 'spread' as const, field: 'instanceId' }],
    };
    expect(await sent({ launchType: 'EC2', ...placement })).toMatchObject({
      launchType: 'EC2',
      ...placement,
    });
  });

  test('is sent nothing that the service does not say', async () => {
    expect(Object.keys((await sent({})) ?? {}).sort()).toEqual([
      'clientToken',
      'cluster',
      'count',
      'overrides',
      'startedBy',
      'tags',
      'taskDefinition',
    ]);
  });

  test('says why ECS did not start it', async () => {
    const failures = [{ reason: 'RESOURCE:MEMORY', detail: 'no instance has 4096 MiB' }];
    const aws = scriptedAws(() => ({ tasks: [], failures }));
    await expect(runOneOffTask(ecsClient(aws.access), taskOf(), virtualClock())).rejects.toMatchObject({
      code: 'DEPLOYMENT_TASK_NOT_PLACED',
      message: 'ECS did not start the task: RESOURCE:MEMORY: no instance has 4096 MiB.',
    });
  });

  test('is started once more, with the same token, only where the lost call has left none', async () => {
    const aws = scriptedAws(({ operation }, before) => {
      if (operation === 'RunTask') return before === 0 ? hangUp() : { tasks: [{ taskArn: TASK }] };
      return { taskArns: [] };
    });
    expect(await runOneOffTask(ecsClient(aws.access), taskOf(), virtualClock())).toBe(TASK);
    expect(aws.operations()).toEqual(['RunTask', 'ListTasks', 'ListTasks', 'ListTasks', 'RunTask']);
    expect(new Set(aws.calls.flatMap(({ input }) => input.clientToken ?? [])).size).toBe(1);
  });

  test('is found by its name, running or stopped, newest first, among tasks of other names', async () => {
    const stopped = (n: number, startedBy: string) => ({
      taskArn: `${TASK}${n}`,
      startedBy,
      lastStatus: 'STOPPED',
      createdAt: 1_790_000_000 + n,
      tags: [{ key: 'run', value: String(n) }],
    });
    const aws = scriptedAws(({ operation, input }) => {
      if (operation === 'DescribeTasks')
        return {
          tasks: [
            stopped(1, 'berth-migrate/0'),
            { ...stopped(3, 'berth-migrate/0'), lastStatus: 'RUNNING' },
            { ...stopped(0, 'berth-migrate/0'), lastStatus: 'DEPROVISIONING' },
            stopped(2, 'ecs-svc/1'),
          ],
        };
      if (input.startedBy) return { taskArns: [`${TASK}3`] };
      return input.nextToken ? { taskArns: [`${TASK}1`] } : { taskArns: [`${TASK}2`], nextToken: 'more' };
    });
    expect(await findOneOffTasks(ecsClient(aws.access), taskOf())).toEqual([
      { taskArn: `${TASK}3`, isStopped: false, tags: { run: '3' } },
      { taskArn: `${TASK}1`, isStopped: true, tags: { run: '1' } },
      { taskArn: `${TASK}0`, isStopped: true, tags: { run: '0' } },
    ]);
  });
});
