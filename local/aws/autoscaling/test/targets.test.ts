import {
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingActivitiesCommand,
  ListTagsForResourceCommand,
  paginateDescribeScalableTargets,
  RegisterScalableTargetCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { CreateServiceCommand } from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import { createScaledService, WEB } from './scaled-service.ts';

const ALL = { ServiceNamespace: 'ecs' } as const;
const AWAKE = {
  DynamicScalingInSuspended: false,
  DynamicScalingOutSuspended: false,
  ScheduledScalingSuspended: false,
};

describe('a scalable target', () => {
  test('is described as it was registered', async () => {
    const { register, scaling, clock } = await createScaledService();
    const arn = await register({ MinCapacity: 2, MaxCapacity: 6 });
    expect(arn).toMatch(
      /^arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target\/[0-9a-f]{32}$/,
    );
    const { ScalableTargets } = await scaling.send(new DescribeScalableTargetsCommand(ALL));
    expect(ScalableTargets).toEqual([
      {
        ...WEB,
        MinCapacity: 2,
        MaxCapacity: 6,
        RoleARN:
          'arn:aws:iam::123456789012:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService',
        CreationTime: new Date(clock.now()),
        SuspendedState: AWAKE,
        ScalableTargetARN: arn,
      },
    ]);
  });

  test('keeps what a later registration leaves out, and is suspended part by part', async () => {
    const { register, scaling } = await createScaledService();
    const arn = await register({ MinCapacity: 2, MaxCapacity: 6 });
    const again = (input: object) => scaling.send(new RegisterScalableTargetCommand({ ...WEB, ...input }));
    const state = async () =>
      (await scaling.send(new DescribeScalableTargetsCommand({ ...ALL, ResourceIds: [WEB.ResourceId] })))
        .ScalableTargets?.[0];
    await again({ SuspendedState: { DynamicScalingInSuspended: true, DynamicScalingOutSuspended: true } });
    expect(await state()).toMatchObject({
      MinCapacity: 2,
      MaxCapacity: 6,
      SuspendedState: { ...AWAKE, DynamicScalingInSuspended: true, DynamicScalingOutSuspended: true },
    });
    await again({ MaxCapacity: 8, SuspendedState: { DynamicScalingInSuspended: false } });
    expect(await state()).toMatchObject({
      MaxCapacity: 8,
      ScalableTargetARN: arn,
      SuspendedState: { ...AWAKE, DynamicScalingOutSuspended: true },
    });
  });

  test('is paged', async () => {
    const { register, client, scaling } = await createScaledService();
    for (const serviceName of ['a', 'b', 'c']) {
      await client.send(
        new CreateServiceCommand({ cluster: 'shop', serviceName, taskDefinition: 'web', desiredCount: 1 }),
      );
      await register({ ResourceId: `service/shop/${serviceName}` });
    }
    const pages: string[][] = [];
    for await (const page of paginateDescribeScalableTargets({ client: scaling, pageSize: 2 }, { ...ALL }))
      pages.push((page.ScalableTargets ?? []).map(({ ResourceId = '' }) => ResourceId));
    expect(pages).toEqual([['service/shop/a', 'service/shop/b'], ['service/shop/c']]);
    await expect(
      scaling.send(new DescribeScalableTargetsCommand({ ...ALL, NextToken: 'x' })),
    ).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  });

  test('is gone once it is deregistered; its service stays', async () => {
    const { register, scaling, counts } = await createScaledService();
    await register();
    await scaling.send(new DeregisterScalableTargetCommand(WEB));
    expect(await scaling.send(new DescribeScalableTargetsCommand(ALL))).toMatchObject({
      ScalableTargets: [],
    });
    expect(await counts()).toEqual({ desired: 2, running: 2 });
    await expect(scaling.send(new DeregisterScalableTargetCommand(WEB))).rejects.toMatchObject({
      name: 'ObjectNotFoundException',
      message:
        'No scalable target found for service namespace: ecs, resource ID: service/shop/web, scalable dimension: ecs:service:DesiredCount',
    });
  });

  test('has tags that are given, added and taken away', async () => {
    const { register, scaling } = await createScaledService();
    const ResourceARN = await register({ Tags: { team: 'shop' } });
    await scaling.send(new TagResourceCommand({ ResourceARN, Tags: { stage: 'prod' } }));
    await scaling.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['team'] }));
    expect(await scaling.send(new ListTagsForResourceCommand({ ResourceARN }))).toMatchObject({
      Tags: { stage: 'prod' },
    });
    await expect(
      scaling.send(new ListTagsForResourceCommand({ ResourceARN: `${ResourceARN}0` })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException', ResourceName: `${ResourceARN}0` });
    const Tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, '']));
    await expect(scaling.send(new TagResourceCommand({ ResourceARN, Tags }))).rejects.toMatchObject({
      name: 'TooManyTagsException',
    });
  });
});

describe('the bounds of a target', () => {
  test('move a desired count that lies outside when they are registered, and at no other time', async () => {
    const { register, counts, activities, update, pass, scaling } = await createScaledService(2);
    await register({ MinCapacity: 4, MaxCapacity: 6 });
    expect(await activities()).toEqual([
      'minimum capacity was set to 4 → Setting desired count to 4. InProgress',
    ]);
    await pass(120);
    expect(await counts()).toEqual({ desired: 4, running: 4 });
    expect(await activities()).toEqual([
      'minimum capacity was set to 4 → Setting desired count to 4. Successful',
    ]);
    const [activity] =
      (await scaling.send(new DescribeScalingActivitiesCommand(ALL))).ScalingActivities ?? [];
    expect(activity?.StatusMessage).toBe(
      'Successfully set desired count to 4. Change successfully fulfilled by ecs.',
    );
    await update({ desiredCount: 1 });
    await pass(3600);
    expect(await counts()).toEqual({ desired: 1, running: 1 });
    await register({ MinCapacity: 0, MaxCapacity: 0 });
    expect(await counts()).toMatchObject({ desired: 0 });
    expect((await activities())[0]).toMatch(/^maximum capacity was set to 0 → Setting desired count to 0\./);
  });

  test('that are changed again before they are fulfilled override what came before', async () => {
    const { register, activities } = await createScaledService(2);
    await register({ MinCapacity: 4 });
    await register({ MinCapacity: 5 });
    expect(await activities()).toEqual([
      'minimum capacity was set to 5 → Setting desired count to 5. InProgress',
      'minimum capacity was set to 4 → Setting desired count to 4. Overridden',
    ]);
  });
});

describe('what is refused', () => {
  const NONE = { ...WEB, MinCapacity: 1, MaxCapacity: 2 };
  const enums = 'failed to satisfy constraint: Member must satisfy enum value set: [';
  test.each([
    [
      'a service that is not there',
      { ...NONE, ResourceId: 'service/shop/nil' },
      "ECS service doesn't exist: service/shop/nil",
    ],
    [
      'another resource',
      { ...NONE, ResourceId: 'table/orders' },
      'Unsupported service namespace, resource type or scalable dimension',
    ],
    [
      'another dimension',
      { ...NONE, ScalableDimension: 'dynamodb:table:ReadCapacityUnits' as const },
      'Unsupported service namespace, resource type or scalable dimension',
    ],
    [
      'a maximum below the minimum',
      { ...NONE, MinCapacity: 3 },
      'Maximum capacity cannot be less than minimum capacity',
    ],
    [
      'no minimum at first',
      { ...NONE, MinCapacity: undefined },
      'Minimum capacity must be specified for a new scalable target',
    ],
    [
      'no maximum at first',
      { ...NONE, MaxCapacity: undefined },
      'Maximum capacity must be specified for a new scalable target',
    ],
    [
      'a negative bound',
      { ...NONE, MinCapacity: -1 },
      "1 validation error detected: Value '-1' at 'minCapacity' failed to satisfy constraint: Member must have value greater than or equal to 0",
    ],
    [
      'an unknown namespace',
      { ...NONE, ServiceNamespace: 'eks' as 'ecs' },
      `1 validation error detected: Value 'eks' at 'serviceNamespace' ${enums}`,
    ],
    [
      'what is missing, all at once',
      { ServiceNamespace: 'ecs', ResourceId: undefined, ScalableDimension: undefined } as const,
      "2 validation errors detected: Value null at 'resourceId' failed to satisfy constraint: Member must not be null; Value null at 'scalableDimension' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a service that the local AWS does not scale',
      {
        ...NONE,
        ServiceNamespace: 'dynamodb',
        ScalableDimension: 'dynamodb:table:ReadCapacityUnits',
      } as const,
      "The local AWS scales ECS services only, not the service namespace 'dynamodb'",
    ],
  ])('%s', async (_what, input, message) => {
    const { scaling } = await createScaledService();
    await expect(scaling.send(new RegisterScalableTargetCommand(input))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });
});
