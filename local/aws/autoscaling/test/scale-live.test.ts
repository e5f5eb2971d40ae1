import { describe, expect, test } from '@jest/globals';
import type { MetricPlace } from '../engine/metrics.ts';
import { alarmBookAt } from '../live/alarm-book.ts';
import type { AskBackend } from '../live/back-end.ts';
import { queueMetricsOf } from '../live/queue-metrics.ts';
import { createReadMetrics, livePeriodMs, scaleLive } from '../live/scale-live.ts';
import { taskCountsOf, utilizationOf } from '../live/service-metrics.ts';
import type { CountedService } from '../service-counts.ts';

const PLACE: MetricPlace = { accountId: '123456789012', region: 'us-east-1' };
const NAMES = { ClusterName: 'shop', ServiceName: 'web' };
const usage = (cpu: number | undefined, memory: number, serviceName: string | undefined = 'web') => ({
  taskArn: `arn:aws:ecs:us-east-1:123456789012:task/shop/${memory}`,
  clusterName: 'shop',
  serviceName,
  cpuPercentOfReservation: cpu,
  memoryPercentOfReservation: memory,
});
const service = (hasInsights: boolean): CountedService => ({
  name: { ...PLACE, cluster: 'shop', service: 'web' },
  count: { desiredCount: 3, runningCount: 2, pendingCount: 1, isDeploying: true },
  hasInsights,
});
const CPU = { namespace: 'AWS/ECS', metricName: 'CPUUtilization', dimensions: NAMES, statistic: 'Average' };

describe('the metrics that ECS sends', () => {
  test('are a sample of each task for its service, none for tasks outside services', () => {
    const outside = { ...usage(90, 90), serviceName: undefined };
    expect(utilizationOf([usage(10, 40), usage(30, 50), usage(undefined, 60), outside])).toEqual([
      {
        place: PLACE,
        namespace: 'AWS/ECS',
        metricName: 'CPUUtilization',
        dimensions: NAMES,
        unit: 'Percent',
        values: [10, 30],
      },
      expect.objectContaining({ metricName: 'MemoryUtilization', values: [40, 50, 60] }),
    ]);
  });

  test('count tasks where the cluster has Container Insights', () => {
    expect(taskCountsOf([service(false)])).toEqual([]);
    expect(taskCountsOf([service(true)]).map(({ metricName, values }) => [metricName, ...values])).toEqual([
      ['DesiredTaskCount', 3],
      ['RunningTaskCount', 2],
      ['PendingTaskCount', 1],
    ]);
  });
});

describe('the metrics that SQS sends', () => {
  const stat = (metricName: string, QueueName: string) => ({
    place: PLACE,
    stat: { namespace: 'AWS/SQS', metricName, dimensions: { QueueName }, statistic: 'Average' },
  });
  const ask: AskBackend = async (_place, { operation, input }) => {
    if (operation === 'GetQueueAttributes') return { Attributes: { ApproximateNumberOfMessages: '7' } };
    if (JSON.stringify(input).includes('gone')) throw new Error('AWS.SimpleQueueService.NonExistentQueue');
    return { QueueUrl: 'http://queue' };
  };

  test('are read for the queues that policies track, as far as they are there', async () => {
    const tracked = [
      stat('ApproximateNumberOfMessagesVisible', 'mail'),
      stat('ApproximateNumberOfMessagesVisible', 'gone'),
      stat('NumberOfMessagesSent', 'mail'),
      { place: PLACE, stat: CPU },
    ];
    const readings = await queueMetricsOf(ask, tracked);
    expect(readings).toEqual([
      expect.objectContaining({ metricName: 'ApproximateNumberOfMessagesVisible', values: [7] }),
    ]);
  });

  test('are not made up when SQS does not answer', async () => {
    const failing: AskBackend = async () => {
      throw new Error('503');
    };
    const tracked = [stat('ApproximateNumberOfMessagesVisible', 'mail')];
    await expect(queueMetricsOf(failing, tracked)).rejects.toThrow('503');
  });
});

describe('the alarms of policies', () => {
  const alarm = {
    AlarmName: 'TargetTracking-service/shop/web-AlarmLow-1',
    AlarmARN: 'arn:alarm',
    direction: 'in',
    threshold: 45,
    evaluationPeriods: 15,
    state: 'INSUFFICIENT_DATA',
    stat: CPU,
    policyArn: 'arn:policy',
  } as const;

  test('are written into CloudWatch, with their states, and taken out again, in this order', async () => {
    const calls: [string, object][] = [];
    const book = alarmBookAt(
      async (_place, { operation, input }) => void calls.push([operation, input]),
      (line) => expect(line).toBe(''),
    );
    book.write(PLACE, alarm);
    book.setState(PLACE, { ...alarm, state: 'ALARM' });
    book.remove(PLACE, [alarm.AlarmName, 'another']);
    book.setState(PLACE, alarm);
    await book.idle();
    expect(calls).toEqual([
      [
        'PutMetricAlarm',
        expect.objectContaining({
          ComparisonOperator: 'LessThanThreshold',
          Threshold: 45,
          EvaluationPeriods: 15,
          MetricName: 'CPUUtilization',
          Dimensions: [
            { Name: 'ClusterName', Value: 'shop' },
            { Name: 'ServiceName', Value: 'web' },
          ],
        }),
      ],
      ['SetAlarmState', expect.objectContaining({ AlarmName: alarm.AlarmName, StateValue: 'ALARM' })],
      ['DeleteAlarms', { AlarmNames: [alarm.AlarmName] }],
    ]);
  });

  test('over metric math are left out, and one that cannot be written is told', async () => {
    const warnings: string[] = [];
    const book = alarmBookAt(
      async () => {
        throw new Error('no answer');
      },
      (line) => warnings.push(line),
    );
    book.write(PLACE, { ...alarm, stat: undefined });
    await book.idle();
    expect(warnings).toEqual([]);
    book.write(PLACE, alarm);
    await book.idle();
    expect(warnings).toEqual([expect.stringContaining('no answer')]);
  });
});

describe('a round', () => {
  /** Runs so many rounds of a minute with a back end that answers CPU as given. */
  async function run(rounds: number, ask: AskBackend, hasPolicy = true) {
    let now = 60_500;
    const ending = new AbortController();
    const metrics = createReadMetrics();
    const evaluated: { at: number; cpu: readonly number[] }[] = [];
    const warnings: string[] = [];
    let usageReads = 0;
    const autoScaling = {
      tracked: () => (hasPolicy ? [{ place: PLACE, stat: CPU }] : []),
      evaluate(at: number) {
        const points = metrics.read(PLACE, CPU, { from: 0, to: at });
        evaluated.push({ at, cpu: points.map(({ value }) => value) });
      },
    };
    await scaleLive(
      autoScaling,
      metrics,
      {
        ask,
        counts: { read: () => undefined, list: () => [], setDesiredCount() {} },
        async taskUsage() {
          usageReads++;
          return [usage(20, 30)];
        },
        now: () => now,
        async sleep(ms) {
          if (rounds-- === 0) ending.abort();
          now += ms;
        },
        periodMs: hasPolicy ? 60_000 : 20_000,
        warn: (line) => warnings.push(line),
      },
      ending.signal,
    );
    return { evaluated, warnings, usageReads };
  }

  test('sends what tasks use, reads what policies track and looks at them, at the end of each period', async () => {
    const calls: { operation: string; input: object }[] = [];
    const ask: AskBackend = async (_place, { operation, input }) => {
      calls.push({ operation, input });
      return {
        MetricDataResults: [
          { Id: 'q0o0' },
          { Id: 'q0o1', Timestamps: [60, '1970-01-01T00:00:00Z'], Values: [20, 10] },
        ],
      };
    };
    const { evaluated } = await run(2, ask);
    expect(evaluated).toEqual([
      { at: 120_000, cpu: [10, 20] },
      { at: 180_000, cpu: [10, 20] },
    ]);
    expect(calls.map(({ operation }) => operation)).toEqual([
      'PutMetricData',
      'GetMetricData',
      'PutMetricData',
      'GetMetricData',
    ]);
    expect(calls[0]?.input).toMatchObject({
      Namespace: 'AWS/ECS',
      MetricData: [{ MetricName: 'CPUUtilization', Timestamp: 90, Values: [20] }, {}],
    });
    expect(calls[1]?.input).toMatchObject({ StartTime: 120 - 17 * 60, EndTime: 120 });
  });

  test('that fails is told, and the next one is tried', async () => {
    let isFailing = true;
    const ask: AskBackend = async () => {
      if (isFailing) throw new Error('no answer');
      return { MetricDataResults: [] };
    };
    const failing = await run(1, ask);
    expect(failing).toMatchObject({ evaluated: [], warnings: [expect.stringContaining('no answer')] });
    isFailing = false;
    expect(await run(2, ask)).toMatchObject({ warnings: [], evaluated: [{}, {}] });
  });

  test('without policies reads what tasks use once a minute only', async () => {
    const { usageReads, evaluated } = await run(6, async () => undefined, false);
    expect(usageReads).toBe(2);
    expect(evaluated).toEqual([]);
  });

  test.each([
    [1, 60_000],
    [0.1, 6000],
    [0.02, 1000],
    [0.001, 1000],
  ])('is as long as a minute on the time scale %s: %s ms', (timeScale, periodMs) => {
    expect(livePeriodMs(timeScale)).toBe(periodMs);
  });
});
