import { createServer } from 'node:http';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, test } from '@jest/globals';
import { cloudWatchAt } from '../metrics/cloudwatch-at.ts';
import type { MetricBatch } from '../metrics/metric-datum.ts';
import { ask, Front } from './front.ts';

const front = new Front();
afterEach(() => front.close());

/** Metric name and sum by dimension names, of the newest batch. */
function sumsOf(batch: MetricBatch | undefined): Record<string, Record<string, number>> {
  const sums: Record<string, Record<string, number>> = {};
  for (const { name, dimensions, sum } of batch?.data ?? []) {
    const key = Object.keys(dimensions).join('+');
    sums[key] = { ...sums[key], [name]: sum };
  }
  return sums;
}

async function counted(timeScale = 1) {
  const batches: MetricBatch[] = [];
  const target = await front.serve((incoming, response) =>
    response.writeHead(Number(incoming.url?.slice(1))).end(),
  );
  const gone = await front.serve(() => {});
  gone.close();
  const metrics = async (batch: MetricBatch) => void batches.push(batch);
  const balanced = await front.balance({ web: [target.port] }, { metrics, timeScale });
  return { ...balanced, batches, gone };
}

describe('the metrics of a period', () => {
  test('count what targets answered, for the load balancer and for the group', async () => {
    const { port, time, batches, balancer, arns } = await counted();
    for (const status of [200, 201, 404, 500, 503]) await ask(port, `/${status}`);
    await time.pass(60_000);
    const target = {
      RequestCount: 5,
      HTTPCode_Target_2XX_Count: 2,
      HTTPCode_Target_4XX_Count: 1,
      HTTPCode_Target_5XX_Count: 2,
      TargetResponseTime: 0,
    };
    expect(sumsOf(batches[0])).toEqual({
      LoadBalancer: target,
      TargetGroup: { RequestCountPerTarget: 5 },
      'TargetGroup+LoadBalancer': {
        ...target,
        RequestCountPerTarget: 5,
        HealthyHostCount: 1,
        UnHealthyHostCount: 0,
      },
    });
    const times = batches[0]?.data.filter(({ name }) => name === 'TargetResponseTime');
    expect(times).toMatchObject([
      { unit: 'Seconds', samples: 5, dimensions: { LoadBalancer: balancer.split(':loadbalancer/')[1] } },
      { samples: 5, dimensions: { TargetGroup: arns.web?.split(':').at(-1) } },
    ]);
  });

  test('count what the load balancer answered itself, for the load balancer only', async () => {
    const { port, time, batches, elbv2, arns, gone, client, listener } = await counted();
    const TargetGroupArn = arns.web ?? '';
    for (const { Target } of (await client.send(new elb.DescribeTargetHealthCommand({ TargetGroupArn })))
      .TargetHealthDescriptions ?? []) {
      elbv2.targetGroups.deregister(TargetGroupArn, { id: Target?.Id ?? '', port: Target?.Port ?? 0 });
    }
    expect((await ask(port)).status).toBe(503);
    elbv2.targetGroups.register(TargetGroupArn, { id: '127.0.0.1', port: gone.port });
    await time.pass(0);
    expect((await ask(port)).status).toBe(502);
    for (const [Priority, Action] of [
      { Type: 'redirect', RedirectConfig: { Host: 'a.test', StatusCode: 'HTTP_302' } },
      { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '418' } },
    ].entries() as Iterable<[number, elb.Action]>) {
      await client.send(
        new elb.CreateRuleCommand({
          ListenerArn: listener,
          Priority: Priority + 1,
          Conditions: [{ Field: 'path-pattern', Values: [`/${Priority}`] }],
          Actions: [Action],
        }),
      );
      await ask(port, `/${Priority}`);
    }
    await time.pass(60_000);
    const sums = sumsOf(batches[0]);
    expect(sums.LoadBalancer).toEqual({
      RequestCount: 4,
      HTTPCode_ELB_5XX_Count: 2,
      HTTPCode_ELB_502_Count: 1,
      HTTPCode_ELB_503_Count: 1,
      TargetConnectionErrorCount: 1,
      HTTPCode_ELB_3XX_Count: 1,
      HTTP_Redirect_Count: 1,
      HTTP_Fixed_Response_Count: 1,
    });
    expect(sums['TargetGroup+LoadBalancer']).toMatchObject({
      RequestCount: 2,
      TargetConnectionErrorCount: 1,
    });
  });

  test('come once a period, shortened by the time scale, and begin anew each time', async () => {
    const { port, time, batches } = await counted(0.1);
    await ask(port, '/200');
    await time.pass(5999);
    expect(batches).toEqual([]);
    await time.pass(1);
    await time.pass(6000);
    expect(batches.map((batch) => sumsOf(batch).LoadBalancer?.RequestCount)).toEqual([1, undefined]);
    expect(batches.map(({ at }) => at)).toEqual([time.now() - 12_000, time.now() - 6000]);
  });

  test('that cannot be sent are lost, and said once', async () => {
    const lines: string[] = [];
    const metrics = async () => {
      throw new Error('refused');
    };
    const { time } = await front.balance({ web: [] }, { metrics, log: (line) => lines.push(line) });
    await time.pass(180_000);
    expect(lines.filter((line) => line.includes('metrics'))).toEqual([
      'Load balancer metrics are lost: Error: refused',
    ]);
  });
});

describe('CloudWatch', () => {
  const batch: MetricBatch = {
    accountId: '123456789012',
    region: 'eu-west-1',
    at: Date.UTC(2026, 0, 2, 3, 4, 5),
    data: Array.from({ length: 101 }, (_, index) => ({
      name: `M${index}`,
      dimensions: { LoadBalancer: 'app/shop/1' },
      unit: 'Seconds' as const,
      samples: 2,
      sum: 3,
      least: 1,
      most: 2,
    })),
  };

  test('gets PutMetricData in parts, in the account and Region', async () => {
    const asked: { form: URLSearchParams; authorization: string }[] = [];
    const server = await front.listening(
      createServer(async (incoming, response) => {
        let body = '';
        for await (const chunk of incoming) body += chunk;
        asked.push({
          form: new URLSearchParams(body),
          authorization: incoming.headers.authorization ?? '',
        });
        response.end();
      }),
    );
    await cloudWatchAt(`http://127.0.0.1:${server.port}`)(batch);
    expect(asked.map(({ form }) => form.get('MetricData.member.1.MetricName'))).toEqual(['M0', 'M100']);
    expect(asked[0]?.authorization).toContain('123456789012/20260101/eu-west-1/monitoring/');
    expect(Object.fromEntries(asked[1]?.form ?? [])).toEqual({
      Action: 'PutMetricData',
      Version: '2010-08-01',
      Namespace: 'AWS/ApplicationELB',
      'MetricData.member.1.MetricName': 'M100',
      'MetricData.member.1.Unit': 'Seconds',
      'MetricData.member.1.StatisticValues.SampleCount': '2',
      'MetricData.member.1.StatisticValues.Sum': '3',
      'MetricData.member.1.StatisticValues.Minimum': '1',
      'MetricData.member.1.StatisticValues.Maximum': '2',
      'MetricData.member.1.Dimensions.member.1.Name': 'LoadBalancer',
      'MetricData.member.1.Dimensions.member.1.Value': 'app/shop/1',
      'MetricData.member.1.Timestamp': '2026-01-02T03:04:05.000Z',
    });
  });

  test('that answers an error is told of', async () => {
    const server = await front.serve((_, response) => response.writeHead(500).end('broken'));
    const put = cloudWatchAt(`http://127.0.0.1:${server.port}`)(batch);
    await expect(put).rejects.toThrow('CloudWatch answered PutMetricData with 500: broken');
  });
});
