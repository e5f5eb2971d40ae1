import { setTimeout } from 'node:timers/promises';
import {
  ApplicationAutoScalingClient,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
  type TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateQueueCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureBaseImage } from '../../../machine/base-image.ts';
import { connectDocker } from '../../../machine/docker-client.ts';
import { type RunningAws, runLocalAws } from '../../test/running-aws.ts';

/** Minutes of a second and a half, in whole seconds. */
const TIME_SCALE = 0.025;
let aws: RunningAws;
let ecs: ECSClient;
let scaling: ApplicationAutoScalingClient;
const cluster = 'scaled';

const SERVE = `require('node:http').createServer((q, r) => r.end('ok')).listen(8080)`;
const BURN = 'for (;;);';

beforeAll(async () => {
  aws = await runLocalAws({ timeScale: TIME_SCALE });
  ecs = new ECSClient(aws.client());
  scaling = new ApplicationAutoScalingClient(aws.client());
  const settings = [{ name: 'containerInsights', value: 'enabled' }] as const;
  await ecs.send(new CreateClusterCommand({ clusterName: cluster, settings: [...settings] }));
  await aws.login();
  const base = await ensureBaseImage(connectDocker(aws.dockerHost));
  const image = `${aws.registry}/node:1`;
  expect(await aws.cli('ecr create-repository --repository-name node')).toMatchObject({ code: 0 });
  for (const line of [`tag ${base} ${image}`, `push --quiet ${image}`, `rmi ${image}`])
    expect(await aws.docker(line)).toMatchObject({ code: 0 });
  for (const [family, program] of Object.entries({ idle: SERVE, burn: BURN })) {
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        family,
        networkMode: 'awsvpc',
        requiresCompatibilities: ['FARGATE'],
        cpu: '256',
        memory: '512',
        containerDefinitions: [
          {
            name: 'web',
            image,
            command: ['node', '-e', program],
            portMappings: [{ containerPort: 8080 }],
            stopTimeout: 2,
          },
        ],
      }),
    );
  }
});
afterAll(() => aws?.stop());

async function createService(
  serviceName: string,
  taskDefinition: string,
  desiredCount: number,
  targetGroupArn?: string,
): Promise<void> {
  await ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName,
      taskDefinition,
      desiredCount,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      ...(targetGroupArn && {
        loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 8080 }],
      }),
    }),
  );
}

async function scale(
  service: string,
  bounds: { MinCapacity: number; MaxCapacity: number },
  configuration: TargetTrackingScalingPolicyConfiguration,
): Promise<string[]> {
  const target = {
    ServiceNamespace: 'ecs',
    ResourceId: `service/${cluster}/${service}`,
    ScalableDimension: 'ecs:service:DesiredCount',
  } as const;
  await scaling.send(new RegisterScalableTargetCommand({ ...target, ...bounds }));
  const { Alarms = [] } = await scaling.send(
    new PutScalingPolicyCommand({
      ...target,
      PolicyName: `${service}-tracking`,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: configuration,
    }),
  );
  return Alarms.map(({ AlarmName = '' }) => AlarmName);
}

/** Looks until the service runs so many tasks; the test's own time limit ends it. */
async function untilRunning(service: string, wanted: number): Promise<void> {
  for (;;) {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
    if (services?.[0]?.desiredCount === wanted && services[0].runningCount === wanted) return;
    await setTimeout(200);
  }
}

test('a service that burns its CPU gets more tasks, and its alarm can be seen in CloudWatch', async () => {
  await createService('burn', 'burn', 1);
  const alarms = await scale(
    'burn',
    { MinCapacity: 1, MaxCapacity: 2 },
    {
      TargetValue: 50,
      PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
    },
  );
  await untilRunning('burn', 2);
  const { stdout } = await aws.cli(`cloudwatch describe-alarms --alarm-names ${alarms.join(' ')}`);
  expect(JSON.parse(stdout).MetricAlarms).toEqual([
    expect.objectContaining({
      AlarmName: alarms[0],
      MetricName: 'CPUUtilization',
      Threshold: 50,
    }),
    expect.objectContaining({ AlarmName: alarms[1], Threshold: 45, EvaluationPeriods: 15 }),
  ]);
  const activities = await aws.cli(
    'application-autoscaling describe-scaling-activities --service-namespace ecs',
  );
  expect(JSON.parse(activities.stdout).ScalingActivities).toEqual([
    expect.objectContaining({
      ResourceId: 'service/scaled/burn',
      Description: 'Setting desired count to 2.',
      Cause: `monitor alarm ${alarms[0]} in state ALARM triggered policy burn-tracking`,
    }),
  ]);
  await aws.cli(
    'application-autoscaling deregister-scalable-target --service-namespace ecs --resource-id service/scaled/burn --scalable-dimension ecs:service:DesiredCount',
  );
  await aws.cli(`ecs delete-service --cluster ${cluster} --service burn --force`);
  const left = await aws.cli(`cloudwatch describe-alarms --alarm-names ${alarms.join(' ')}`);
  expect(JSON.parse(left.stdout).MetricAlarms).toEqual([]);
});

test('a queue gets a task for each so many messages, and none once it is empty', async () => {
  const sqs = new SQSClient(aws.client());
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'mail' }));
  await createService('worker', 'idle', 0);
  const stat = (Namespace: string, MetricName: string, dimensions: Record<string, string>) => ({
    Metric: {
      Namespace,
      MetricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Stat: 'Average',
  });
  await scale(
    'worker',
    { MinCapacity: 0, MaxCapacity: 3 },
    {
      TargetValue: 3,
      ScaleOutCooldown: 30,
      CustomizedMetricSpecification: {
        Metrics: [
          {
            Id: 'm1',
            MetricStat: stat('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: 'mail' }),
            ReturnData: false,
          },
          {
            Id: 'm2',
            MetricStat: stat('ECS/ContainerInsights', 'RunningTaskCount', {
              ClusterName: cluster,
              ServiceName: 'worker',
            }),
            ReturnData: false,
          },
          { Id: 'e1', Expression: 'm1 / IF(m2 > 0, m2, 1)' },
        ],
      },
    },
  );
  const Entries = Array.from({ length: 6 }, (_, index) => ({ Id: `${index}`, MessageBody: 'mail' }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  await untilRunning('worker', 2);
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  await untilRunning('worker', 0);
});

test('requests for each target through the load balancer bring more tasks', async () => {
  const elb = new ElasticLoadBalancingV2Client(aws.client());
  const balancer = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'shop', Subnets: ['subnet-1', 'subnet-2'] }),
  );
  const { LoadBalancerArn = '', DNSName } = balancer.LoadBalancers?.[0] ?? {};
  const group = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'web',
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: 'vpc-1',
      TargetType: 'ip',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    }),
  );
  const { TargetGroupArn = '' } = group.TargetGroups?.[0] ?? {};
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }];
  const { Listeners } = await elb.send(
    new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port: 18081, DefaultActions }),
  );
  await createService('web', 'idle', 1, TargetGroupArn);
  await untilRunning('web', 1);
  const label = `${LoadBalancerArn.split(':loadbalancer/')[1]}/${TargetGroupArn.split(':').at(-1)}`;
  await scale(
    'web',
    { MinCapacity: 1, MaxCapacity: 2 },
    {
      TargetValue: 5,
      PredefinedMetricSpecification: {
        PredefinedMetricType: 'ALBRequestCountPerTarget',
        ResourceLabel: label,
      },
    },
  );
  const url = `http://${DNSName}:${Listeners?.[0]?.Port}`;
  const scaled = untilRunning('web', 2);
  let isScaled = false;
  void scaled.then(() => {
    isScaled = true;
  });
  while (!isScaled) {
    await (await fetch(url)).text();
    await setTimeout(50);
  }
  await scaled;
});
