import * as ecsClient from '@aws-sdk/client-ecs';
import {
  CreateClusterCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListClustersCommand,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  type ListTasksCommandInput,
  RunTaskCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NETWORK, startRollout } from '../../ecs/test/rollout.ts';
import { createVirtualEcs } from '../../ecs/virtual-ecs.ts';
import { operationsOf } from '../../wire/operations.ts';
import { ECS_BUCKETS } from '../api-buckets.ts';
import { laggingView, type ServiceView } from '../read-lag.ts';
import { type BucketLimit, fullBucket, type TokenBucket, takeToken } from '../token-bucket.ts';

describe('a token bucket', () => {
  /** How many of the calls at these moments are let through. */
  const through = (limit: BucketLimit, moments: readonly number[]): number => {
    let bucket: TokenBucket = fullBucket(limit, moments[0] ?? 0);
    return moments.filter((now) => {
      const left = takeToken(bucket, limit, now);
      if (left) bucket = left;
      return left !== undefined;
    }).length;
  };
  const times = (count: number, at: (index: number) => number) =>
    Array.from({ length: count }, (_, i) => at(i));

  test.each<[string, BucketLimit, number[], number]>([
    ['lets a burst through and no more', { burst: 20, refillPerSecond: 1 }, times(25, () => 0), 20],
    ['refills by the second', { burst: 2, refillPerSecond: 1 }, [0, 0, 0, 1000, 1000], 3],
    ['does not refill by less than one token', { burst: 1, refillPerSecond: 1 }, [0, 999], 1],
    ['adds up parts of tokens', { burst: 1, refillPerSecond: 1 }, [0, 500, 999, 1000], 2],
    ['never holds more than the burst', { burst: 3, refillPerSecond: 10 }, [0, ...times(9, () => 60_000)], 4],
    ['serves its rate for ever', { burst: 5, refillPerSecond: 5 }, times(100, (i) => i * 200), 100],
    ['gives nothing for a clock that went back', { burst: 1, refillPerSecond: 1 }, [5000, 0, 5000], 1],
  ])('%s', (_title, limit, moments, expected) => {
    expect(through(limit, moments)).toBe(expected);
  });

  test('never lets more through than its burst and what was refilled', () => {
    const limits = fc.record({
      burst: fc.integer({ min: 1, max: 50 }),
      refillPerSecond: fc.integer({ min: 1, max: 50 }),
    });
    const gaps = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(limits, gaps, (limit, waits) => {
        let now = 0;
        const moments = waits.map((wait) => (now += wait));
        const most = limit.burst + ((now - (moments[0] ?? 0)) / 1000) * limit.refillPerSecond;
        return through(limit, moments) <= Math.floor(most + 1e-6);
      }),
    );
  });
});

describe("ECS's buckets", () => {
  test('name operations that ECS has, each once', () => {
    const named = Object.values(ECS_BUCKETS).flatMap(({ operations }) => operations);
    expect(new Set(named).size).toBe(named.length);
    const known = operationsOf(ecsClient);
    expect(named.filter((operation) => !known.has(operation))).toEqual([]);
  });

  const create = async (client: ECSClient, count: number): Promise<string[]> => {
    const calls = Array.from({ length: count }, (_, index) =>
      client.send(new CreateClusterCommand({ clusterName: `c-${index}` })),
    );
    const settled = await Promise.allSettled(calls);
    return settled.map((call) =>
      call.status === 'fulfilled' ? 'made' : `${call.reason.name}: ${call.reason.message}`,
    );
  };

  test('refuse what comes too fast, and take it again after a second', async () => {
    const { client, clock } = createVirtualEcs({ apiBuckets: true });
    const outcomes = await create(client, 22);
    expect(outcomes.slice(0, 20)).toEqual(Array(20).fill('made'));
    expect(outcomes.slice(20)).toEqual(Array(2).fill('ThrottlingException: Rate exceeded'));
    const refused = client.send(new CreateClusterCommand({ clusterName: 'late' }));
    await expect(refused).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    await clock.sleep(1000);
    await client.send(new CreateClusterCommand({ clusterName: 'late' }));
    const { clusterArns = [] } = await client.send(new ListClustersCommand({}));
    expect(clusterArns).toHaveLength(21);
  });

  test('are off unless asked for', async () => {
    expect(await create(createVirtualEcs().client, 40)).toEqual(Array(40).fill('made'));
  });
});

describe('a read that lags', () => {
  const views = [100, 200, 300].map(
    (at): ServiceView => ({ at, service: undefined, briefs: [], deployments: [] }),
  );

  test.each<[number, number, number | undefined]>([
    [300, 0, undefined],
    [300, 1, 300],
    [350, 100, 300],
    [350, 151, 200],
    [350, 1000, 100],
    [500, 100, undefined],
  ])('at %i with a lag of %i sees the state before the write at %s', (now, lagMs, expected) => {
    expect(laggingView(views, now, lagMs)?.at).toBe(expected);
  });

  test('shows a service, its deployments and one deployment as before the update, then as they are', async () => {
    const rollout = await startRollout({ readLagMs: 5_000 });
    await rollout.register('web:1');
    await rollout.create({ desiredCount: 1, taskDefinition: 'web:1' });
    await expect(rollout.service()).rejects.toThrow('There is no service web.');
    await expect(
      rollout.client.send(new ListServiceDeploymentsCommand({ cluster: 'shop', service: 'web' })),
    ).rejects.toMatchObject({ name: 'ServiceNotFoundException' });
    await rollout.clock.sleep(60_000);
    expect((await rollout.service()).taskDefinition).toMatch(/:1$/);
    const before = await rollout.deployments();

    await rollout.register('web:2');
    const updated = await rollout.update({ taskDefinition: 'web:2' });
    expect(updated.taskDefinition).toMatch(/:2$/);
    await rollout.clock.sleep(4_999);
    expect((await rollout.service()).taskDefinition).toMatch(/:1$/);
    expect((await rollout.deployments()).map(({ serviceDeploymentArn }) => serviceDeploymentArn)).toEqual(
      before.map(({ serviceDeploymentArn }) => serviceDeploymentArn),
    );
    const newest = updated.deployments?.[0];
    expect(newest?.taskDefinition).toMatch(/:2$/);

    await rollout.clock.sleep(1);
    expect((await rollout.service()).taskDefinition).toMatch(/:2$/);
    expect(await rollout.deployments()).toHaveLength(before.length + 1);
  });

  test('shows the tasks of a cluster as before they were started and stopped, then as they are', async () => {
    const { client, clock, faults, ...rollout } = await startRollout({ readLagMs: 5_000 });
    await rollout.register('web:1');
    await clock.sleep(10_000);
    const { tasks: [started] = [] } = await client.send(
      new RunTaskCommand({
        cluster: 'shop',
        taskDefinition: 'web:1',
        startedBy: 'me',
        networkConfiguration: NETWORK,
      }),
    );
    const task = started?.taskArn ?? '';
    const listed = async (rest: Partial<ListTasksCommandInput> = {}) =>
      (await client.send(new ListTasksCommand({ cluster: 'shop', ...rest }))).taskArns ?? [];
    const described = () => client.send(new DescribeTasksCommand({ cluster: 'shop', tasks: [task] }));
    expect(await listed()).toEqual([]);
    expect(await described()).toMatchObject({ tasks: [], failures: [{ arn: task, reason: 'MISSING' }] });
    await clock.sleep(5_000);
    expect(await listed({ startedBy: 'me' })).toEqual([task]);
    expect((await described()).tasks).toMatchObject([{ taskArn: task, desiredStatus: 'RUNNING' }]);

    await client.send(new StopTaskCommand({ cluster: 'shop', task }));
    await clock.sleep(4_999);
    expect(await listed()).toEqual([task]);
    expect(await listed({ desiredStatus: 'STOPPED' })).toEqual([]);
    expect((await described()).tasks).toMatchObject([{ desiredStatus: 'RUNNING' }]);
    await clock.sleep(1);
    expect(await listed()).toEqual([]);
    expect(await listed({ desiredStatus: 'STOPPED', family: 'web' })).toEqual([task]);
    expect((await described()).tasks).toMatchObject([{ desiredStatus: 'STOPPED' }]);
    // What is refused is refused, however old the answer would be.
    await expect(listed({ startedBy: 'me', family: 'web' })).rejects.toThrow();
  });

  test('lags by a fault for as many calls as it says', async () => {
    const rollout = await startRollout();
    await rollout.register('web:1');
    await rollout.create({ desiredCount: 1, taskDefinition: 'web:1' });
    await rollout.clock.sleep(60_000);
    rollout.faults.add([{ operation: 'DescribeServices', count: 2, fault: { kind: 'stale', ms: 600_000 } }]);
    await rollout.client.send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', desiredCount: 3 }));
    const desired = async () => {
      const input = { cluster: 'shop', services: ['web'] };
      return (await rollout.client.send(new DescribeServicesCommand(input))).services?.[0]?.desiredCount;
    };
    expect([await desired(), await desired(), await desired()]).toEqual([1, 1, 3]);
  });
});
