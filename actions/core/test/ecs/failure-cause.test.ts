import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import {
  type AwsAccess,
  cloudwatchClient,
  ecsClient,
  elbv2Client,
  logsClient,
} from '../../src/aws-clients.ts';
import { readFailureCause } from '../../src/ecs/failure-cause.ts';
import { renderCause } from '../../src/report/cause-block.ts';
import { deploymentReading, taskDefinitionArn } from '../decide/readings.ts';
import { fixedKeys } from '../doubles/action-deps.ts';

const GROUP = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
const failed = { cluster: 'shop', serviceName: 'web', taskDefinitionArn: taskDefinitionArn(2) };
const service = {
  serviceName: 'web',
  status: 'ACTIVE',
  events: [],
  loadBalancers: [{ targetGroupArn: GROUP }],
};
const alarm = { AlarmName: 'shop-5xx', StateReason: 'Threshold Crossed: 3 datapoints [9.0, 7.0, 8.0]' };

const target = (state: string, words: string) =>
  `<member><Target><Id>10.0.0.1</Id><Port>80</Port></Target><TargetHealth><State>${state}</State>${words}</TargetHealth></member>`;
const unhealthy = target(
  'unhealthy',
  '<Reason>Target.ResponseCodeMismatch</Reason><Description>Health checks failed with these codes: [500]</Description>',
);

/** ECS, CloudWatch and the load balancer, each in its own protocol; `refused` are answered with a refusal. */
function access(targets: string, refused: RegExp = /^$/): AwsAccess {
  const respond = (statusCode: number, type: string, body: string) => ({
    response: { statusCode, headers: { 'content-type': type }, body: Readable.from([Buffer.from(body)]) },
  });
  const handle = async (request: { headers: Record<string, string>; body: unknown }) => {
    const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? 'DescribeTargetHealth';
    if (refused.test(operation))
      return respond(400, 'application/x-amz-json-1.1', '{"__type":"AccessDeniedException","message":"no"}');
    if (operation === 'DescribeTargetHealth')
      return respond(
        200,
        'text/xml',
        `<DescribeTargetHealthResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><DescribeTargetHealthResult><TargetHealthDescriptions>${targets}</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`,
      );
    const answers: Record<string, object> = {
      DescribeServices: { services: [service] },
      DescribeAlarms: { MetricAlarms: [alarm], CompositeAlarms: [] },
    };
    return respond(200, 'application/x-amz-json-1.1', JSON.stringify(answers[operation] ?? { taskArns: [] }));
  };
  const requestHandler = { handle, metadata: { handlerProtocol: 'http/1.1' } } as never;
  return { region: 'us-east-1', credentials: fixedKeys, requestHandler };
}

async function read(to: AwsAccess, alarms: string[] = []) {
  const clients = {
    ecs: ecsClient(to),
    logs: logsClient(to),
    elb: elbv2Client(to),
    cloudwatch: cloudwatchClient(to),
  };
  const reading = deploymentReading({ alarms: { status: 'TRIGGERED', triggeredAlarmNames: alarms } });
  return (await readFailureCause(clients, failed, reading, 5)).cause;
}

describe('the cause of a failure without a stopped task', () => {
  test('is told by the load balancer, where a target fails its health check', async () => {
    const cause = await read(access(target('healthy', '') + unhealthy));
    expect(renderCause(cause)).toEqual([
      'target health: Target.ResponseCodeMismatch: Health checks failed with these codes: [500]',
    ]);
  });

  test('has no word of the load balancer while all targets are well', async () => {
    expect((await read(access(target('healthy', '')))).targetHealth).toBeUndefined();
  });

  test('is told by CloudWatch, where an alarm was raised', async () => {
    expect(renderCause(await read(access(''), ['shop-5xx']))).toEqual([
      'decided by:    alarm shop-5xx',
      'alarm:         shop-5xx: Threshold Crossed: 3 datapoints [9.0, 7.0, 8.0]',
    ]);
  });

  test.each([/DescribeAlarms/, /DescribeTargetHealth/])(
    'leaves out what may not be read: %s',
    async (refused) => {
      const cause = await read(access(unhealthy, refused), ['shop-5xx']);
      // Of two things told besides the alarm's name, one is left.
      expect(renderCause(cause)).toHaveLength(2);
      expect(cause.alarmNames).toEqual(['shop-5xx']);
    },
  );
});
