import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  ListClustersCommand,
  ListTagsForResourceCommand,
  ListTasksCommand,
  PutClusterCapacityProvidersCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateClusterCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import { createVirtualEcs } from '../../virtual-ecs.ts';
import { startRollout } from '../rollout.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012:cluster/shop';

describe('clusters', () => {
  it('are made once, under the name default if none is given', async () => {
    const { client } = createVirtualEcs();
    const made = await client.send(new CreateClusterCommand({}));
    expect(made.cluster).toMatchObject({ clusterName: 'default', status: 'ACTIVE', activeServicesCount: 0 });
    await client.send(new CreateClusterCommand({}));
    expect((await client.send(new ListClustersCommand({}))).clusterArns).toHaveLength(1);
  });

  it('keep what a change names and leave the rest', async () => {
    const { client } = createVirtualEcs();
    const configuration = { executeCommandConfiguration: { logging: 'NONE' } } as const;
    await client.send(new CreateClusterCommand({ clusterName: 'shop', configuration }));
    const settings = [{ name: 'containerInsights', value: 'enhanced' }] as const;
    await client.send(new UpdateClusterCommand({ cluster: 'shop', settings: [...settings] }));
    const { clusters } = await client.send(
      new DescribeClustersCommand({ clusters: ['shop'], include: ['CONFIGURATIONS', 'SETTINGS'] }),
    );
    expect(clusters?.[0]).toMatchObject({ configuration, settings });
  });

  it('take a default strategy of their own capacity providers only', async () => {
    const { client } = createVirtualEcs();
    await client.send(new CreateClusterCommand({ clusterName: 'shop' }));
    const put = (capacityProviders: string[]) =>
      client.send(
        new PutClusterCapacityProvidersCommand({
          cluster: 'shop',
          capacityProviders,
          defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
        }),
      );
    await expect(put(['FARGATE'])).rejects.toMatchObject({ name: 'InvalidParameterException' });
    const { cluster } = await put(['FARGATE', 'FARGATE_SPOT']);
    expect(cluster?.defaultCapacityProviderStrategy).toMatchObject([{ capacityProvider: 'FARGATE_SPOT' }]);
  });

  it('refuse a name that ECS refuses', async () => {
    const { client } = createVirtualEcs();
    const create = client.send(new CreateClusterCommand({ clusterName: 'shop prod' }));
    await expect(create).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('are described by name or ARN; others are MISSING', async () => {
    const { client } = await startRollout();
    const clusters = ['shop', ARN, 'shoo'];
    const answer = await client.send(new DescribeClustersCommand({ clusters }));
    expect(answer.clusters?.map(({ clusterArn }) => clusterArn)).toEqual([ARN, ARN]);
    expect(answer.failures).toEqual([{ arn: ARN.replace('shop', 'shoo'), reason: 'MISSING' }]);
  });

  it('are kept by account and Region', async () => {
    const { client, ecs, clock } = await startRollout();
    const context = { accountId: '210987654321', region: 'us-east-1', accessKeyId: '', now: clock.now() };
    const elsewhere = { ...context, accountId: '123456789012', region: 'eu-west-1' };
    for (const other of [context, elsewhere]) {
      expect(await ecs.handlers.ListClusters?.({}, other)).toEqual({ clusterArns: [] });
    }
    expect((await client.send(new ListClustersCommand({}))).clusterArns).toEqual([ARN]);
  });

  it('count services and tasks, and cannot be deleted while they have some', async () => {
    const web = await startRollout();
    await web.register('web:1');
    await web.create();
    await web.clock.sleep(10_000);
    const described = await web.client.send(new DescribeClustersCommand({ clusters: ['shop'] }));
    expect(described.clusters?.[0]).toMatchObject({ activeServicesCount: 1, runningTasksCount: 2 });
    const remove = web.client.send(new DeleteClusterCommand({ cluster: 'shop' }));
    await expect(remove).rejects.toMatchObject({
      name: 'ClusterContainsServicesException',
      message: 'The Cluster cannot be deleted while Services are active.',
    });
  });

  it('are INACTIVE once deleted, and nothing can be done in them', async () => {
    const web = await startRollout();
    const { cluster } = await web.client.send(new DeleteClusterCommand({ cluster: 'shop' }));
    expect(cluster?.status).toBe('INACTIVE');
    await web.register('web:1');
    await expect(web.create()).rejects.toMatchObject({
      name: 'ClusterNotFoundException',
      message: 'Cluster not found.',
    });
  });

  it('are listed page by page', async () => {
    const { client } = createVirtualEcs();
    for (const clusterName of ['c', 'a', 'b']) await client.send(new CreateClusterCommand({ clusterName }));
    const first = await client.send(new ListClustersCommand({ maxResults: 2 }));
    const second = await client.send(new ListClustersCommand({ maxResults: 2, nextToken: first.nextToken }));
    const names = [first, second].map(({ clusterArns = [] }) => clusterArns.map((arn) => arn.split('/')[1]));
    expect(names).toEqual([['a', 'b'], ['c']]);
    expect(second.nextToken).toBeUndefined();
    const bad = client.send(new ListClustersCommand({ nextToken: 'bm9uZQ' }));
    await expect(bad).rejects.toMatchObject({ name: 'InvalidParameterException', message: 'Invalid token.' });
  });
});

describe('tags', () => {
  const list = async (web: Awaited<ReturnType<typeof startRollout>>, resourceArn: string) =>
    (await web.client.send(new ListTagsForResourceCommand({ resourceArn }))).tags;

  it('are added, replaced by key and taken away', async () => {
    const web = await startRollout();
    const tag = (key: string, value: string) =>
      web.client.send(new TagResourceCommand({ resourceArn: ARN, tags: [{ key, value }] }));
    await tag('team', 'a');
    await tag('team', 'b');
    await tag('known-bad', 'smoke test failed');
    expect(await list(web, ARN)).toEqual([
      { key: 'team', value: 'b' },
      { key: 'known-bad', value: 'smoke test failed' },
    ]);
    await web.client.send(new UntagResourceCommand({ resourceArn: ARN, tagKeys: ['team'] }));
    expect(await list(web, ARN)).toEqual([{ key: 'known-bad', value: 'smoke test failed' }]);
  });

  it('stand on task definitions, services and their tasks as well', async () => {
    const web = await startRollout();
    const tags = [{ key: 'team', value: 'a' }];
    const definition = await web.register('web:1', { tags });
    expect(await list(web, definition)).toEqual(tags);
    const service = await web.create({ tags, propagateTags: 'SERVICE' });
    expect(await list(web, service.serviceArn ?? '')).toEqual(tags);
    await web.clock.sleep(5000);
    const { taskArns } = await web.client.send(new ListTasksCommand({ cluster: 'shop' }));
    expect(await list(web, taskArns?.[0] ?? '')).toEqual(tags);
  });

  it.each(['arn:aws:ecs:us-east-1:123456789012:cluster/shoo', 'shop'])(
    'are refused for %s',
    async (resourceArn) => {
      const web = await startRollout();
      await expect(list(web, resourceArn)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    },
  );
});
