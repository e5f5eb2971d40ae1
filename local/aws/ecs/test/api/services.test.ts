import {
  type CreateServiceCommandInput,
  DescribeServicesCommand,
  ListServiceDeploymentsCommand,
  ListServicesCommand,
  PutClusterCapacityProvidersCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import { NETWORK, startRollout, TARGET_GROUP } from '../rollout.ts';

async function registered() {
  const web = await startRollout();
  await web.register('web:1');
  return web;
}

describe('CreateService', () => {
  it('gives a service with AWS defaults, one PRIMARY deployment and no task yet', async () => {
    const web = await registered();
    const service = await web.create();
    expect(service).toMatchObject({
      serviceArn: 'arn:aws:ecs:us-east-1:123456789012:service/shop/web',
      status: 'ACTIVE',
      desiredCount: 2,
      runningCount: 0,
      pendingCount: 0,
      launchType: 'FARGATE',
      schedulingStrategy: 'REPLICA',
      deploymentController: { type: 'ECS' },
      deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200, strategy: 'ROLLING' },
      deployments: [{ status: 'PRIMARY', rolloutState: 'IN_PROGRESS', failedTasks: 0 }],
      events: [],
    });
  });

  it('gives the same service again for the same client token, and refuses the name otherwise', async () => {
    const web = await registered();
    const made = await web.create({ clientToken: 'once' });
    expect((await web.create({ clientToken: 'once' })).createdAt).toEqual(made.createdAt);
    await expect(web.create({ clientToken: 'twice' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Creation of service was not idempotent.',
    });
  });

  it("writes the cluster's default strategy of then into a service that says neither it nor a launch type", async () => {
    const web = await registered();
    const strategy = [{ capacityProvider: 'FARGATE_SPOT', base: 0, weight: 1 }];
    await web.client.send(
      new PutClusterCapacityProvidersCommand({
        cluster: 'shop',
        capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
        defaultCapacityProviderStrategy: strategy,
      }),
    );
    const told = await web.create({ serviceName: 'told', launchType: 'FARGATE' });
    const silent = await web.create();
    expect([told.capacityProviderStrategy, told.launchType]).toEqual([undefined, 'FARGATE']);
    expect([silent.capacityProviderStrategy, silent.launchType]).toEqual([strategy, undefined]);
  });

  const balanced = (containerName: string, containerPort: number, targetGroupArn = TARGET_GROUP) => ({
    loadBalancers: [{ containerName, containerPort, targetGroupArn }],
  });
  const percent = (minimumHealthyPercent: number, maximumPercent: number) => ({
    deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
  });

  it.each<[string, Partial<CreateServiceCommandInput>, string, string]>([
    ['another cluster', { cluster: 'shoo' }, 'ClusterNotFoundException', 'Cluster not found.'],
    ['an unknown task definition', { taskDefinition: 'wep' }, 'ClientException', 'TaskDefinition not found.'],
    ['a name with a blank', { serviceName: 'we b' }, 'InvalidParameterException', 'invalid characters'],
    ['no desired count', { desiredCount: undefined }, 'InvalidParameterException', 'Desired count'],
    ['a negative desired count', { desiredCount: -1 }, 'InvalidParameterException', 'Desired count'],
    [
      'no network',
      { networkConfiguration: undefined },
      'InvalidParameterException',
      'Network Configuration must be provided',
    ],
    [
      'an unknown container',
      balanced('wep', 8000),
      'InvalidParameterException',
      'The container wep does not exist in the task definition.',
    ],
    [
      'an unmapped port',
      balanced('web', 81),
      'InvalidParameterException',
      'The container web did not have a container port 81 defined.',
    ],
    ['an unknown target group', balanced('web', 8000, 'arn:none'), 'InvalidParameterException', 'arn:none'],
    [
      'bounds that block each other',
      percent(100, 100),
      'InvalidParameterException',
      'Both maximumPercent and minimumHealthyPercent cannot be 100',
    ],
    ['a lower bound above 100', percent(101, 200), 'InvalidParameterException', 'between 0 and 100'],
    ['an upper bound below the lower', percent(80, 70), 'InvalidParameterException', 'maximumPercent'],
    ['a DAEMON service', { schedulingStrategy: 'DAEMON' }, 'UnsupportedFeatureException', 'REPLICA'],
    [
      'another controller',
      { deploymentController: { type: 'EXTERNAL' } },
      'UnsupportedFeatureException',
      'EXTERNAL',
    ],
    [
      'a strategy that has no traffic to shift',
      { deploymentConfiguration: { strategy: 'CANARY' } },
      'InvalidParameterException',
      'CANARY',
    ],
  ])('refuses %s', async (_what, input, name, message) => {
    const web = await registered();
    await expect(web.create(input)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });

  it('refuses a network where the task definition has no awsvpc', async () => {
    const web = await startRollout();
    const containerDefinitions = [{ name: 'web', image: 'web:1', memory: 128 }];
    await web.register('', { networkMode: 'bridge', requiresCompatibilities: ['EC2'], containerDefinitions });
    await expect(web.create()).rejects.toThrow(
      'Network Configuration is not valid for the given networkMode',
    );
  });
});

describe('UpdateService', () => {
  const other = { awsvpcConfiguration: { subnets: ['subnet-2'] } };

  it.each<[string, Partial<UpdateServiceCommandInput>, boolean]>([
    ['a desired count', { desiredCount: 3 }, false],
    ['a deployment configuration', { deploymentConfiguration: { maximumPercent: 150 } }, false],
    ['a grace period', { healthCheckGracePeriodSeconds: 30 }, false],
    ['capacity providers alone', { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] }, false],
    ['managed tags', { enableECSManagedTags: true }, false],
    ['the same task definition', { taskDefinition: 'web:1' }, false],
    ['the same network', { networkConfiguration: NETWORK }, false],
    ['another task definition', { taskDefinition: 'web:2' }, true],
    ['another network', { networkConfiguration: other }, true],
    [
      'load balancers',
      { loadBalancers: [{ targetGroupArn: TARGET_GROUP, containerName: 'web', containerPort: 8000 }] },
      true,
    ],
    ['another platform version', { platformVersion: '1.4.0' }, true],
    ['force', { forceNewDeployment: true }, true],
  ])('with %s starts a deployment: %3$s', async (_what, input, expected) => {
    const web = await registered();
    await web.register('web:2');
    await web.create({ taskDefinition: 'web:1' });
    await web.clock.sleep(60_000);
    const before = (await web.service()).deployments?.[0]?.id;
    const after = (await web.update(input)).deployments?.[0]?.id;
    expect(after !== before).toBe(expected);
    const listed = await web.client.send(
      new ListServiceDeploymentsCommand({ cluster: 'shop', service: 'web' }),
    );
    expect(listed.serviceDeployments).toHaveLength(expected ? 2 : 1);
  });

  it('keeps what it is not given', async () => {
    const web = await registered();
    await web.create({ desiredCount: 2, healthCheckGracePeriodSeconds: 7 });
    const service = await web.update({ deploymentConfiguration: { maximumPercent: 150 } });
    expect(service).toMatchObject({
      desiredCount: 2,
      healthCheckGracePeriodSeconds: 7,
      deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 150 },
    });
  });

  it('changes nothing when it is refused', async () => {
    const web = await registered();
    const before = await web.create();
    await expect(web.update({ desiredCount: 9, taskDefinition: 'web:7' })).rejects.toThrow(
      'TaskDefinition not found.',
    );
    expect((await web.service()).desiredCount).toBe(before.desiredCount);
  });

  it.each([
    ['shop', 'wep', 'ServiceNotFoundException', 'Service not found.'],
    ['shoo', 'web', 'ClusterNotFoundException', 'Cluster not found.'],
  ])('refuses cluster %s and service %s', async (cluster, service, name, message) => {
    const web = await registered();
    await web.create();
    await expect(web.update({ cluster, service, desiredCount: 1 })).rejects.toMatchObject({ name, message });
  });
});

describe('DescribeServices', () => {
  it('takes names and ARNs, and says which are MISSING', async () => {
    const web = await registered();
    const { serviceArn = '' } = await web.create({ tags: [{ key: 'team', value: 'a' }] });
    const services = ['web', serviceArn, 'wep'];
    const plain = await web.client.send(new DescribeServicesCommand({ cluster: 'shop', services }));
    expect(plain.services?.map(({ tags }) => tags ?? [])).toEqual([[], []]);
    expect(plain.failures).toEqual([{ arn: serviceArn.replace('web', 'wep'), reason: 'MISSING' }]);
    const tagged = new DescribeServicesCommand({ cluster: 'shop', services: ['web'], include: ['TAGS'] });
    expect((await web.client.send(tagged)).services?.[0]?.tags).toEqual([{ key: 'team', value: 'a' }]);
  });

  it.each([
    [0, 'Services cannot be empty.'],
    [11, 'service names can have at most 10 items.'],
  ])('refuses %i services', async (length, message) => {
    const web = await registered();
    const services = Array.from({ length }, (_, n) => `s${n}`);
    const describing = web.client.send(new DescribeServicesCommand({ cluster: 'shop', services }));
    await expect(describing).rejects.toMatchObject({ name: 'InvalidParameterException', message });
  });
});

describe('ListServices', () => {
  it('gives ten at a time', async () => {
    const web = await registered();
    for (let n = 10; n < 22; n++) await web.create({ serviceName: `s${n}`, desiredCount: 0 });
    const first = await web.client.send(new ListServicesCommand({ cluster: 'shop' }));
    const second = await web.client.send(
      new ListServicesCommand({ cluster: 'shop', nextToken: first.nextToken }),
    );
    expect([first.serviceArns?.length, second.serviceArns?.length, second.nextToken]).toEqual([
      10,
      2,
      undefined,
    ]);
  });
});
