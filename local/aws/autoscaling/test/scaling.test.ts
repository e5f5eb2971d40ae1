import {
  DescribeScalingActivitiesCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { describe, expect, test } from '@jest/globals';
import { behaves } from '../../ecs/runtime/scenario.ts';
import { createVirtualEcs, type VirtualEcsOptions } from '../../ecs/virtual-ecs.ts';
import type { Gauge } from '../scripted-metrics.ts';
import { createScaledService, type ScaledService, WEB } from './scaled-service.ts';

const PLACE = { accountId: '123456789012', region: 'us-east-1' };
const ofWeb = (metricName: string, namespace = 'AWS/ECS') => ({
  namespace,
  metricName,
  dimensions: { ClusterName: 'shop', ServiceName: 'web' },
  statistic: 'Average',
});
const predefined = (PredefinedMetricType: string, ResourceLabel?: string) => ({
  PredefinedMetricSpecification: { PredefinedMetricType, ResourceLabel },
});

const put = ({ scaling }: ScaledService, configuration: object, PolicyName = 'cpu') =>
  scaling.send(
    new PutScalingPolicyCommand({
      ...WEB,
      PolicyName,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: { TargetValue: 50, ...configuration },
    }),
  );

/** A service under a policy on its CPU, at 50 percent; its CPU says what the gauge says. */
async function onCpu(
  tasks: number,
  gauge: Gauge | undefined,
  configuration: object = {},
  options: VirtualEcsOptions = {},
) {
  const service = await createScaledService(tasks, options);
  await service.register();
  await put(service, { ...predefined('ECSServiceAverageCPUUtilization'), ...configuration });
  service.metrics.set(PLACE, ofWeb('CPUUtilization'), gauge);
  return service;
}

/** What is left of a load that all running tasks share. */
const shared = (service: () => ScaledService, load: () => number) => () => {
  const running = service().ecs.counts.read({ ...PLACE, cluster: 'shop', service: 'web' })?.runningCount ?? 0;
  return running > 0 ? load() / running : undefined;
};

describe('scaling on CPU', () => {
  test('follows a load up in minutes and down in a quarter of an hour', async () => {
    let load = 100;
    const service: ScaledService = await onCpu(
      2,
      shared(
        () => service,
        () => load,
      ),
    );
    await service.pass(3600);
    expect(await service.counts()).toEqual({ desired: 2, running: 2 });
    load = 330;
    await service.pass(5 * 60);
    expect(await service.counts()).toEqual({ desired: 7, running: 7 });
    const [first] = await service.activities();
    expect(first).toMatch(
      /^monitor alarm TargetTracking-service\/shop\/web-AlarmHigh-[-0-9a-f]+ in state ALARM triggered policy cpu → Setting desired count to 7\. Successful$/,
    );
    load = 140;
    await service.pass(14 * 60);
    expect(await service.counts()).toMatchObject({ desired: 7 });
    await service.pass(3 * 60);
    expect(await service.counts()).toEqual({ desired: 3, running: 3 });
    await service.pass(3600);
    expect(await service.counts()).toEqual({ desired: 3, running: 3 });
  });

  test('does nothing without data', async () => {
    const service = await onCpu(2, undefined);
    await service.pass(3600);
    expect(await service.activities()).toEqual([]);
  });

  test('waits its cooldowns', async () => {
    const service: ScaledService = await onCpu(2, 60, { ScaleOutCooldown: 600 });
    await service.pass(9 * 60);
    expect(await service.counts()).toMatchObject({ desired: 3 });
    await service.pass(6 * 60);
    expect(await service.counts()).toMatchObject({ desired: 4 });
  });

  test('is held while it is suspended, and goes on afterwards', async () => {
    const service = await onCpu(2, 90);
    const suspend = (suspended: boolean) =>
      service.scaling.send(
        new RegisterScalableTargetCommand({
          ...WEB,
          SuspendedState: { DynamicScalingInSuspended: suspended, DynamicScalingOutSuspended: suspended },
        }),
      );
    await suspend(true);
    await service.pass(3600);
    expect(await service.counts()).toMatchObject({ desired: 2 });
    await suspend(false);
    await service.pass(60);
    expect(await service.counts()).toMatchObject({ desired: 4 });
  });

  test('does not scale in while a deployment is under way, and says so', async () => {
    const script = () => behaves('pulls in 3 min, runs');
    const service = await onCpu(6, 5, {}, { script });
    await service.pass(14 * 60);
    await service.update({ forceNewDeployment: true });
    await service.pass(2 * 60);
    expect(await service.counts()).toMatchObject({ desired: 6 });
    const { ScalingActivities = [] } = await service.scaling.send(
      new DescribeScalingActivitiesCommand({ ...WEB, IncludeNotScaledActivities: true }),
    );
    expect(ScalingActivities).toHaveLength(1);
    expect(ScalingActivities[0]).toMatchObject({
      Description: 'Attempting to scale due to alarm triggered',
      StatusCode: 'Failed',
      NotScaledReasons: [{ Code: 'TargetServicePutResourceAsUnscalable' }],
    });
    expect(await service.activities()).toEqual([]);
    await service.pass(10 * 60);
    expect(await service.counts()).toEqual({ desired: 1, running: 1 });
  });
});

/** Requests for each target of `web`, as its load balancer counts them. */
const REQUESTS = {
  namespace: 'AWS/ApplicationELB',
  metricName: 'RequestCountPerTarget',
  dimensions: { TargetGroup: 'targetgroup/web/2', LoadBalancer: 'app/shop/1' },
  statistic: 'Sum',
};
const onRequests = {
  ...predefined('ALBRequestCountPerTarget', 'app/shop/1/targetgroup/web/2'),
  TargetValue: 1000,
};

describe('a load balancer without traffic', () => {
  /** Four tasks that had their share of requests, then none come any more: there is no data, or it is 0. */
  async function thenQuiet(gauge: number | undefined) {
    const service = await createScaledService(4);
    await service.register();
    await put(service, onRequests, 'requests');
    service.metrics.set(PLACE, REQUESTS, 950);
    await service.pass(1800);
    service.metrics.set(PLACE, REQUESTS, gauge);
    await service.pass(2 * 3600);
    return service;
  }

  test('sends no data, which target tracking takes for no low utilization: it does not scale in', async () => {
    const service = await thenQuiet(undefined);
    expect(await service.counts()).toEqual({ desired: 4, running: 4 });
    expect(await service.activities()).toEqual([]);
  });

  test('that said 0 would let it scale in', async () => {
    const service = await thenQuiet(0);
    expect(await service.counts()).toEqual({ desired: 1, running: 1 });
  });

  test('keeps the policy of the requests from scaling in, and with it all others', async () => {
    const service = await onCpu(4, 5);
    await put(service, onRequests, 'requests');
    await service.pass(2 * 3600);
    expect(await service.counts()).toMatchObject({ desired: 4 });
  });
});

describe('other metrics', () => {
  test('memory and requests each by its own policy: the larger count wins', async () => {
    const service = await onCpu(4, 50);
    await put(service, predefined('ECSServiceAverageMemoryUtilization'), 'memory');
    await put(service, onRequests, 'requests');
    service.metrics.set(PLACE, ofWeb('MemoryUtilization'), 60);
    service.metrics.set(PLACE, REQUESTS, 1900);
    await service.pass(3 * 60);
    expect(await service.counts()).toMatchObject({ desired: 8 });
  });

  test('messages of a queue for each running task, from none and back to none', async () => {
    const service = await createScaledService(0);
    await service.register({ MinCapacity: 0 });
    const queue = { namespace: 'AWS/SQS', metricName: 'ApproximateNumberOfMessagesVisible' };
    const tasks = { namespace: 'ECS/ContainerInsights', metricName: 'RunningTaskCount' };
    const statOf = ({ namespace, metricName }: typeof queue, dimensions: Record<string, string>) => ({
      Metric: {
        Namespace: namespace,
        MetricName: metricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Stat: 'Average',
    });
    const names = { ClusterName: 'shop', ServiceName: 'web' };
    await put(service, {
      TargetValue: 100,
      ScaleOutCooldown: 60,
      CustomizedMetricSpecification: {
        Metrics: [
          { Id: 'm1', MetricStat: statOf(queue, { QueueName: 'mail' }), ReturnData: false },
          { Id: 'm2', MetricStat: statOf(tasks, names), ReturnData: false },
          { Id: 'e1', Expression: 'm1 / IF(m2 > 0, m2, 1)' },
        ],
      },
    });
    let messages = 500;
    service.metrics.set(
      PLACE,
      { ...queue, dimensions: { QueueName: 'mail' }, statistic: 'Average' },
      () => messages,
    );
    service.metrics.set(
      PLACE,
      { ...tasks, dimensions: names, statistic: 'Average' },
      () => service.ecs.counts.read({ ...PLACE, cluster: 'shop', service: 'web' })?.runningCount,
    );
    await service.pass(60);
    expect(await service.counts()).toMatchObject({ desired: 1 });
    await service.pass(10 * 60);
    expect(await service.counts()).toEqual({ desired: 5, running: 5 });
    messages = 0;
    await service.pass(20 * 60);
    expect(await service.counts()).toEqual({ desired: 0, running: 0 });
  });
});

describe('its state', () => {
  test('is saved and goes on where it stood', async () => {
    const service = await onCpu(2, 100);
    await service.pass(2 * 60);
    const saved = { ecs: service.ecs.save(), scaling: service.autoScaling.save() };
    const { clock } = service;
    const later = createVirtualEcs({ clock });
    later.ecs.load(saved.ecs);
    later.autoScaling.load(saved.scaling);
    later.metrics.set(PLACE, ofWeb('CPUUtilization'), 100);
    await clock.sleep(4 * 60_000);
    later.ecs.advance(clock.now());
    expect(later.ecs.counts.read({ ...PLACE, cluster: 'shop', service: 'web' })).toMatchObject({
      desiredCount: 4,
    });
    expect(() => later.autoScaling.load(saved.scaling)).toThrow('where there are no scalable targets yet');
    expect(() => createVirtualEcs({ clock }).autoScaling.load('{}')).toThrow(
      'no saved state of Application Auto Scaling',
    );
    expect(() => createVirtualEcs().autoScaling.load(saved.scaling)).toThrow('the clock stands before that');
  });
});
