import * as ecs from '@aws-sdk/client-ecs';
import { expect, test } from '@jest/globals';
import { createVirtualEcs } from '../../ecs/virtual-ecs.ts';
import { claimedOf, recordAnswers } from './recorder.ts';

test('every operation that is claimed of ECS is answered', async () => {
  const { client, clock } = createVirtualEcs();
  const answered = recordAnswers(client);
  const cluster = 'shop';
  const pass = (seconds: number) => clock.sleep(seconds * 1000);

  await client.send(new ecs.CreateClusterCommand({ clusterName: cluster }));
  const settings = [{ name: 'containerInsights', value: 'enabled' } as const];
  await client.send(new ecs.UpdateClusterSettingsCommand({ cluster, settings }));
  await client.send(new ecs.UpdateClusterCommand({ cluster, settings }));
  await client.send(
    new ecs.PutClusterCapacityProvidersCommand({
      cluster,
      capacityProviders: ['FARGATE'],
      defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE' }],
    }),
  );
  await client.send(new ecs.DescribeClustersCommand({ clusters: [cluster] }));
  expect((await client.send(new ecs.ListClustersCommand({}))).clusterArns).toHaveLength(1);

  const containerDefinitions = [{ name: 'web', image: 'web:1', essential: true, memory: 128 }];
  for (let revision = 1; revision <= 2; revision++)
    await client.send(new ecs.RegisterTaskDefinitionCommand({ family: 'web', containerDefinitions }));
  await client.send(new ecs.DescribeTaskDefinitionCommand({ taskDefinition: 'web' }));
  expect((await client.send(new ecs.ListTaskDefinitionsCommand({}))).taskDefinitionArns).toHaveLength(2);
  expect((await client.send(new ecs.ListTaskDefinitionFamiliesCommand({}))).families).toEqual(['web']);

  const { tasks } = await client.send(new ecs.RunTaskCommand({ cluster, taskDefinition: 'web' }));
  const task = tasks?.[0]?.taskArn;
  await pass(10);
  await client.send(new ecs.StopTaskCommand({ cluster, task }));
  await client.send(new ecs.DescribeTasksCommand({ cluster, tasks: [task ?? ''] }));
  await client.send(new ecs.ListTasksCommand({ cluster, desiredStatus: 'STOPPED' }));

  const service = 'web';
  const created = await client.send(
    new ecs.CreateServiceCommand({ cluster, serviceName: service, taskDefinition: 'web:1', desiredCount: 1 }),
  );
  await pass(300);
  await client.send(new ecs.DescribeServicesCommand({ cluster, services: [service] }));
  expect((await client.send(new ecs.ListServicesCommand({ cluster }))).serviceArns).toHaveLength(1);
  const resourceArn = created.service?.serviceArn;
  await client.send(new ecs.TagResourceCommand({ resourceArn, tags: [{ key: 'team', value: 'shop' }] }));
  await client.send(new ecs.ListTagsForResourceCommand({ resourceArn }));
  await client.send(new ecs.UntagResourceCommand({ resourceArn, tagKeys: ['team'] }));

  const hook = { targetType: 'PAUSE', lifecycleStages: ['PRE_SCALE_UP'] } as const;
  const lifecycleHooks = [{ ...hook, lifecycleStages: [...hook.lifecycleStages] }];
  const deploymentConfiguration = { lifecycleHooks };
  await client.send(
    new ecs.UpdateServiceCommand({ cluster, service, taskDefinition: 'web:2', deploymentConfiguration }),
  );
  await pass(5);
  const newest = async () => {
    const listed = await client.send(new ecs.ListServiceDeploymentsCommand({ cluster, service }));
    const serviceDeploymentArns = [listed.serviceDeployments?.[0]?.serviceDeploymentArn ?? ''];
    const described = await client.send(new ecs.DescribeServiceDeploymentsCommand({ serviceDeploymentArns }));
    return described.serviceDeployments?.[0];
  };
  const paused = await newest();
  const hookId = paused?.lifecycleHookDetails?.[0]?.hookId;
  const { serviceDeploymentArn } = paused ?? {};
  await client.send(
    new ecs.ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action: 'CONTINUE' }),
  );
  await client.send(new ecs.StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }));
  await pass(600);
  expect((await newest())?.status).toBe('ROLLBACK_SUCCESSFUL');
  await client.send(
    new ecs.DescribeServiceRevisionsCommand({
      serviceRevisionArns: [paused?.targetServiceRevision?.arn ?? ''],
    }),
  );

  await client.send(new ecs.DeleteServiceCommand({ cluster, service, force: true }));
  await pass(600);
  for (const taskDefinition of ['web:1', 'web:2'])
    await client.send(new ecs.DeregisterTaskDefinitionCommand({ taskDefinition }));
  await client.send(new ecs.DeleteTaskDefinitionsCommand({ taskDefinitions: ['web:1'] }));
  await client.send(new ecs.DeleteClusterCommand({ cluster }));
  expect([...answered].sort()).toEqual(claimedOf('Amazon ECS'));
});
