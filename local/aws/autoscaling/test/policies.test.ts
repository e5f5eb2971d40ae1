import {
  DeleteScalingPolicyCommand,
  DeregisterScalableTargetCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  paginateDescribeScalingPolicies,
  type TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import { describe, expect, test } from '@jest/globals';
import { createScaledService, type ScaledService, WEB } from './scaled-service.ts';

const ALL = { ServiceNamespace: 'ecs' } as const;
const CPU: TargetTrackingScalingPolicyConfiguration = {
  TargetValue: 75,
  PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
};
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

const put = ({ scaling }: ScaledService, configuration: object, PolicyName = 'cpu') =>
  scaling.send(
    new PutScalingPolicyCommand({
      ...WEB,
      PolicyName,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: { TargetValue: 75, ...configuration },
    }),
  );
const policies = async ({ scaling }: ScaledService) =>
  (await scaling.send(new DescribeScalingPoliciesCommand(ALL))).ScalingPolicies ?? [];

/** A service with a scalable target. */
async function registered(): Promise<ScaledService> {
  const service = await createScaledService();
  await service.register();
  return service;
}

describe('a scaling policy', () => {
  test('is described with the two alarms that AWS names', async () => {
    const service = await registered();
    const { PolicyARN, Alarms } = await put(service, CPU);
    expect(PolicyARN).toMatch(
      new RegExp(
        `^arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:${UUID}:resource/ecs/service/shop/web:policyName/cpu$`,
      ),
    );
    const names = (Alarms ?? []).map(({ AlarmName = '' }) => AlarmName);
    expect(names[0]).toMatch(new RegExp(`^TargetTracking-service/shop/web-AlarmHigh-${UUID}$`));
    expect(names[1]).toMatch(new RegExp(`^TargetTracking-service/shop/web-AlarmLow-${UUID}$`));
    expect(Alarms?.[0]?.AlarmARN).toBe(`arn:aws:cloudwatch:us-east-1:123456789012:alarm:${names[0]}`);
    expect(await policies(service)).toEqual([
      {
        ...WEB,
        PolicyARN,
        PolicyName: 'cpu',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: CPU,
        Alarms,
        CreationTime: new Date(service.clock.now()),
      },
    ]);
  });

  test('keeps its ARN and alarms when it is put again, and loses the lower one when it may not scale in', async () => {
    const service = await registered();
    const first = await put(service, CPU);
    expect(await put(service, { ...CPU, TargetValue: 50 })).toMatchObject({
      PolicyARN: first.PolicyARN,
      Alarms: first.Alarms,
    });
    const { Alarms } = await put(service, { ...CPU, DisableScaleIn: true });
    expect(Alarms).toEqual(first.Alarms?.slice(0, 1));
  });

  test('is gone once it is deleted, and with its target', async () => {
    const service = await registered();
    const remove = () => service.scaling.send(new DeleteScalingPolicyCommand({ ...WEB, PolicyName: 'cpu' }));
    await put(service, CPU);
    await remove();
    expect(await policies(service)).toEqual([]);
    await expect(remove()).rejects.toMatchObject({
      name: 'ObjectNotFoundException',
      message:
        'No scaling policy found for service namespace: ecs, resource ID: service/shop/web, scalable dimension: ecs:service:DesiredCount, policy name: cpu',
    });
    await put(service, CPU);
    await service.scaling.send(new DeregisterScalableTargetCommand(WEB));
    expect(await policies(service)).toEqual([]);
  });

  test('is found by name and page', async () => {
    const service = await registered();
    const custom = (MetricName: string) => ({
      CustomizedMetricSpecification: { MetricName, Namespace: 'Shop', Statistic: 'Average' },
    });
    for (const name of ['a', 'b', 'c']) await put(service, custom(name), name);
    const found = await service.scaling.send(
      new DescribeScalingPoliciesCommand({ ...WEB, PolicyNames: ['b'] }),
    );
    expect(found.ScalingPolicies?.map(({ PolicyName }) => PolicyName)).toEqual(['b']);
    const pages: number[] = [];
    for await (const page of paginateDescribeScalingPolicies(
      { client: service.scaling, pageSize: 2 },
      { ...ALL },
    ))
      pages.push(page.ScalingPolicies?.length ?? 0);
    expect(pages).toEqual([2, 1]);
  });
});

describe('what is refused', () => {
  const invalid = { name: 'ValidationException' };

  test('a policy of a service that is not registered', async () => {
    await expect(put(await createScaledService(), CPU)).rejects.toMatchObject({
      name: 'ObjectNotFoundException',
      message:
        'No scalable target registered for service namespace: ecs, resource ID: service/shop/web, scalable dimension: ecs:service:DesiredCount',
    });
  });

  test('a second policy on the same metric, however it is written', async () => {
    const service = await registered();
    await put(service, CPU);
    const message = 'Only one TargetTrackingScaling policy for a given metric specification is allowed.';
    await expect(put(service, { ...CPU, TargetValue: 10 }, 'other')).rejects.toMatchObject({
      ...invalid,
      message,
    });
    const Dimensions = [
      { Name: 'ServiceName', Value: 'web' },
      { Name: 'ClusterName', Value: 'shop' },
    ];
    const same = { MetricName: 'CPUUtilization', Namespace: 'AWS/ECS', Statistic: 'Average', Dimensions };
    await expect(put(service, { CustomizedMetricSpecification: same }, 'other')).rejects.toMatchObject({
      ...invalid,
      message,
    });
  });

  test('the fifty-first policy of a target', async () => {
    const service = await registered();
    const custom = (index: number) => ({
      CustomizedMetricSpecification: { MetricName: `m${index}`, Namespace: 'Shop', Statistic: 'Sum' },
    });
    for (let index = 0; index < 50; index++) await put(service, custom(index), `p${index}`);
    await expect(put(service, custom(50), 'p50')).rejects.toMatchObject({ name: 'LimitExceededException' });
  });

  test('policies that the local AWS does not carry out, by name', async () => {
    const { scaling } = await registered();
    for (const PolicyType of ['StepScaling', 'PredictiveScaling'] as const) {
      await expect(
        scaling.send(new PutScalingPolicyCommand({ ...WEB, PolicyName: 'p', PolicyType })),
      ).rejects.toMatchObject({ ...invalid, message: expect.stringContaining(`of the type ${PolicyType}`) });
    }
  });

  const predefined = (PredefinedMetricType: string, ResourceLabel?: string) => ({
    PredefinedMetricSpecification: { PredefinedMetricType, ResourceLabel },
  });
  const metrics = (...Metrics: object[]) => ({ CustomizedMetricSpecification: { Metrics } });
  const stat = { Metric: { MetricName: 'm', Namespace: 'n' }, Stat: 'Sum' };
  test.each<[string, object, string]>([
    ['no metric', {}, 'Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification'],
    [
      'a metric type of another service',
      predefined('LambdaProvisionedConcurrencyUtilization'),
      'does not track the metric type Lambda',
    ],
    [
      'an unknown metric type',
      predefined('Load'),
      "Value 'Load' at 'targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification.predefinedMetricType' failed to satisfy constraint: Member must satisfy enum value set",
    ],
    [
      'requests without a label',
      predefined('ALBRequestCountPerTarget'),
      'needs a resource label of the form app/',
    ],
    [
      'requests of a half label',
      predefined('ALBRequestCountPerTarget', 'app/shop/1'),
      'needs a resource label of the form app/',
    ],
    [
      'a label for CPU',
      predefined('ECSServiceAverageCPUUtilization', 'app/a/1/targetgroup/b/2'),
      "A resource label can't be specified",
    ],
    ['a target of 0', { ...CPU, TargetValue: 0 }, 'The target value is 0'],
    [
      'a negative cooldown',
      { ...CPU, ScaleInCooldown: -1 },
      "Value '-1' at 'targetTrackingScalingPolicyConfiguration.scaleInCooldown' failed to satisfy constraint: Member must have value greater than or equal to 0",
    ],
    [
      'half a customized metric',
      { CustomizedMetricSpecification: { MetricName: 'm' } },
      'A customized metric needs MetricName, Namespace and Statistic, or Metrics.',
    ],
    ['math that is not known', metrics({ Id: 'e1', Expression: 'RATE(m1)' }), 'does not know RATE'],
    [
      'math over a metric that is not there',
      metrics({ Id: 'e1', Expression: 'm1 * 2' }),
      'There is no metric m1, which e1 looks at.',
    ],
    [
      'math in a circle',
      metrics({ Id: 'e1', Expression: 'e2' }, { Id: 'e2', Expression: 'e1', ReturnData: false }),
      'e1 → e2 → e1 looks at itself.',
    ],
    [
      'two results',
      metrics({ Id: 'm1', MetricStat: stat }, { Id: 'e1', Expression: 'm1' }),
      'Exactly one of the metrics must have ReturnData true.',
    ],
    [
      'the same id twice',
      metrics({ Id: 'm1', MetricStat: stat }, { Id: 'm1', MetricStat: stat }),
      'The id m1 is there twice.',
    ],
    [
      'an id that is none',
      metrics({ Id: 'M1', MetricStat: stat }),
      "The id 'M1' has to begin with a small letter",
    ],
  ])('%s', async (_what, configuration, message) => {
    const service = await registered();
    await expect(put(service, configuration)).rejects.toMatchObject({
      ...invalid,
      message: expect.stringContaining(message),
    });
  });
});
