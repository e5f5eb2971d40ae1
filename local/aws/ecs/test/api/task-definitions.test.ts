import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import { type Rollout, startRollout } from '../rollout.ts';

const FARGATE: Partial<RegisterTaskDefinitionCommandInput> = {
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
};
const WEB = { name: 'web', image: 'web:1' };
const base = (
  wanted: Partial<RegisterTaskDefinitionCommandInput> = {},
): RegisterTaskDefinitionCommandInput => ({
  family: 'web',
  containerDefinitions: [WEB],
  ...FARGATE,
  ...wanted,
});
const CHECK = { command: ['CMD', '/node', 'check.js'] };

describe('RegisterTaskDefinition', () => {
  it('counts revisions by family and fills in what ECS fills in', async () => {
    const { client } = await startRollout();
    await client.send(new RegisterTaskDefinitionCommand(base()));
    const containerDefinitions = [{ ...WEB, portMappings: [{ containerPort: 8000 }], healthCheck: CHECK }];
    const second = await client.send(new RegisterTaskDefinitionCommand(base({ containerDefinitions })));
    expect(second.taskDefinition).toMatchObject({
      taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:2',
      revision: 2,
      status: 'ACTIVE',
      compatibilities: ['EC2', 'FARGATE'],
      registeredAt: new Date(Date.UTC(2026, 0, 1)),
      volumes: [],
    });
    expect(second.taskDefinition?.containerDefinitions?.[0]).toEqual({
      ...WEB,
      cpu: 0,
      essential: true,
      environment: [],
      mountPoints: [],
      volumesFrom: [],
      systemControls: [],
      portMappings: [{ containerPort: 8000, hostPort: 8000, protocol: 'tcp' }],
      healthCheck: { ...CHECK, interval: 30, timeout: 5, retries: 3 },
    });
  });

  it.each<[string, Partial<RegisterTaskDefinitionCommandInput>, string]>([
    ['a family with a blank', { family: 'we b' }, 'Family contains invalid characters.'],
    ['no container', { containerDefinitions: [] }, 'Container list cannot be empty.'],
    [
      'a container without a name',
      { containerDefinitions: [{ image: 'a' }] },
      'Container.name contains invalid characters.',
    ],
    [
      'a container without an image',
      { containerDefinitions: [{ name: 'a' }] },
      'Container.image should not be null or empty.',
    ],
    [
      'a name used twice',
      { containerDefinitions: [WEB, WEB] },
      "Container name 'web' is used more than once.",
    ],
    [
      'no essential container',
      { containerDefinitions: [{ ...WEB, essential: false }] },
      'At least one container must be essential.',
    ],
    ['Fargate without awsvpc', { networkMode: 'bridge' }, 'Fargate only supports network mode ‘awsvpc’.'],
    [
      'Fargate without a size',
      { cpu: undefined },
      "Fargate requires that 'cpu' be defined at the task level.",
    ],
    [
      'a size that Fargate does not have',
      { cpu: '256', memory: '8192' },
      'No Fargate configuration exists for given values.',
    ],
    [
      'awslogs without an execution role',
      { containerDefinitions: [{ ...WEB, logConfiguration: { logDriver: 'awslogs' } }] },
      'Fargate requires task definition to have execution role ARN to support log driver awslogs.',
    ],
    [
      'a container on EC2 without memory',
      { requiresCompatibilities: ['EC2'], memory: undefined },
      "Invalid setting for container 'web'. At least one of 'memory' or 'memoryReservation' must be specified.",
    ],
    [
      'a dependency that is not there',
      { containerDefinitions: [{ ...WEB, dependsOn: [{ containerName: 'db', condition: 'START' }] }] },
      "Container 'web' depends on unknown container 'db'.",
    ],
    [
      'dependencies in a circle',
      {
        containerDefinitions: [
          { ...WEB, dependsOn: [{ containerName: 'b', condition: 'START' }] },
          { name: 'b', image: 'b', dependsOn: [{ containerName: 'web', condition: 'START' }] },
        ],
      },
      'Container dependencies contain a cycle.',
    ],
    [
      'waiting for the health of a container without a check',
      {
        containerDefinitions: [
          { ...WEB, dependsOn: [{ containerName: 'b', condition: 'HEALTHY' }] },
          { name: 'b', image: 'b' },
        ],
      },
      "Container 'b' needs a health check to be waited for with HEALTHY.",
    ],
    [
      'waiting for the end of an essential container',
      {
        containerDefinitions: [
          { ...WEB, dependsOn: [{ containerName: 'b', condition: 'SUCCESS' }] },
          { name: 'b', image: 'b' },
        ],
      },
      "Container 'b' is essential and cannot be waited for with SUCCESS.",
    ],
    [
      'a health check too often',
      { containerDefinitions: [{ ...WEB, healthCheck: { ...CHECK, interval: 1 } }] },
      "Health check interval of container 'web' must be between 5 and 300.",
    ],
    [
      'more than two minutes to stop in',
      { containerDefinitions: [{ ...WEB, stopTimeout: 121 }] },
      "Invalid 'stopTimeout' setting for container 'web': Fargate allows 120 seconds at most.",
    ],
  ])('refuses %s', async (_what, wanted, message) => {
    const { client } = await startRollout();
    const register = client.send(new RegisterTaskDefinitionCommand(base(wanted)));
    await expect(register).rejects.toMatchObject({ name: 'ClientException', message });
  });
});

describe('DescribeTaskDefinition', () => {
  it('gives the newest ACTIVE revision of a family, or the one named', async () => {
    const web = await startRollout();
    const first = await web.register('web:1');
    const second = await web.register('web:2');
    const third = await web.register('web:3');
    await web.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: third }));
    const described = async (taskDefinition: string) =>
      (await web.client.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition;
    expect((await described('web'))?.taskDefinitionArn).toBe(second);
    expect((await described('web:1'))?.taskDefinitionArn).toBe(first);
    expect((await described(third))?.status).toBe('INACTIVE');
  });

  it('gives tags only when they are asked for', async () => {
    const web = await startRollout();
    const tags = [{ key: 'team', value: 'a' }];
    await web.register('web:1', { tags });
    const plain = await web.client.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'web' }));
    expect(plain.tags ?? []).toEqual([]);
    const full = await web.client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: 'web', include: ['TAGS'] }),
    );
    expect(full.tags).toEqual(tags);
  });

  it.each(['wep', 'web:9', 'web:x', 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1'])(
    'refuses %s',
    async (taskDefinition) => {
      const web = await startRollout();
      await web.register('web:1');
      const describing = web.client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
      const message = 'Unable to describe task definition.';
      await expect(describing).rejects.toMatchObject({ name: 'ClientException', message });
    },
  );
});

describe('listing task definitions', () => {
  it('goes by family, status and order', async () => {
    const web = await startRollout();
    for (const image of ['web:1', 'web:2', 'web:3']) await web.register(image);
    await web.register('other', { family: 'other' });
    await web.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:2' }));
    const list = async (filter: object) => {
      const answer = await web.client.send(new ListTaskDefinitionsCommand(filter));
      return answer.taskDefinitionArns?.map((arn) => arn.split('/')[1]);
    };
    expect(await list({})).toEqual(['other:1', 'web:1', 'web:3']);
    expect(await list({ familyPrefix: 'web', sort: 'DESC' })).toEqual(['web:3', 'web:1']);
    expect(await list({ status: 'INACTIVE' })).toEqual(['web:2']);
    const families = await web.client.send(new ListTaskDefinitionFamiliesCommand({ familyPrefix: 'w' }));
    expect(families.families).toEqual(['web']);
  });
});

describe('DeregisterTaskDefinition', () => {
  it.each([
    ['web', 'A revision must be specified to deregister a task definition.'],
    ['web:9', 'The specified task definition does not exist.'],
  ])('refuses %s', async (taskDefinition, message) => {
    const web = await startRollout();
    await web.register('web:1');
    const deregister = web.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    await expect(deregister).rejects.toMatchObject({ name: 'ClientException', message });
  });

  it('keeps a service on the revision running and scaling, and starts none on it', async () => {
    const web = await startRollout();
    await web.register('web:1');
    await web.create();
    await web.clock.sleep(60_000);
    await web.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:1' }));
    await web.update({ desiredCount: 3 });
    await web.until((service) => service.runningCount === 3, 60_000);
    await expect(web.create({ serviceName: 'web2', taskDefinition: 'web:1' })).rejects.toMatchObject({
      name: 'ClientException',
      message: 'TaskDefinition is inactive',
    });
  });
});

describe('DeleteTaskDefinitions', () => {
  const remove = (web: Rollout, ...taskDefinitions: string[]) =>
    web.client.send(new DeleteTaskDefinitionsCommand({ taskDefinitions }));

  it('deletes INACTIVE revisions, at once when nothing uses them', async () => {
    const web = await startRollout();
    const arn = await web.register('web:1');
    await web.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn }));
    const { taskDefinitions, failures } = await remove(web, arn);
    expect(taskDefinitions).toMatchObject([
      { status: 'DELETE_IN_PROGRESS', deleteRequestedAt: expect.any(Date) },
    ]);
    expect(failures).toEqual([]);
    const describeIt = web.client.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }));
    await expect(describeIt).rejects.toMatchObject({ name: 'ClientException' });
    expect(await web.register('web:1')).toMatch(/:2$/);
  });

  it('leaves a revision DELETE_IN_PROGRESS as long as a service uses it, and it cannot be deployed', async () => {
    const web = await startRollout();
    const arn = await web.register('web:1');
    await web.create();
    await web.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn }));
    await remove(web, 'web:1');
    const { taskDefinition } = await web.client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: arn }),
    );
    expect(taskDefinition?.status).toBe('DELETE_IN_PROGRESS');
    await expect(web.update({ taskDefinition: arn })).rejects.toThrow('TaskDefinition is inactive');
  });

  it('says of each revision why it is not deleted, and takes ten at most', async () => {
    const web = await startRollout();
    const arn = await web.register('web:1');
    const { failures } = await remove(web, arn, 'web:7');
    expect(failures).toEqual([
      { arn, reason: expect.stringContaining('is still in ACTIVE status') },
      { arn: 'web:7', reason: expect.stringContaining('does not exist') },
    ]);
    await expect(remove(web, ...Array(11).fill('web:1'))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});
