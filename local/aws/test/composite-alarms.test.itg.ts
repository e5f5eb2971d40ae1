import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type StateValue,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type StorageAws, startStorageAws } from '../storage-aws.ts';

let aws: StorageAws;
let client: CloudWatchClient;

beforeAll(async () => {
  aws = await startStorageAws({ log: () => undefined });
  const credentials = { accessKeyId: '123456789012', secretAccessKey: 'local' };
  client = new CloudWatchClient({ endpoint: aws.endpoint, region: 'us-east-1', credentials });
  for (const AlarmName of ['errors', 'latency']) {
    await client.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName, Namespace: 'shop', MetricName: AlarmName, Statistic: 'Sum', Period: 60 },
        ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
      }),
    );
  }
});

afterAll(async () => {
  client?.destroy();
  await aws?.stop();
});

/** In order: each begins with what the one before has left. */
describe('composite alarms on the local AWS', () => {
  test('are made and told with what they were made with', async () => {
    await put('unwell', 'ALARM(errors) OR ALARM("latency")', {
      ...{
        AlarmDescription: 'Something is wrong',
        AlarmActions: ['arn:aws:sns:us-east-1:123456789012:shop'],
      },
      Tags: [{ Key: 'project', Value: 'shop' }],
    });
    expect(await describeAlarm('unwell')).toMatchObject({
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:unwell',
      AlarmRule: 'ALARM(errors) OR ALARM("latency")',
      AlarmDescription: 'Something is wrong',
      ActionsEnabled: true,
      StateValue: 'OK',
      StateUpdatedTimestamp: expect.any(Date),
    });
  });

  test('follow the alarms that they ask about', async () => {
    await setState('latency', 'ALARM');
    expect(await describeAlarm('unwell')).toMatchObject({
      StateValue: 'ALARM',
      StateReason: 'errors is OK, latency is ALARM',
    });
    await put('page', 'ALARM(unwell) AND NOT ALARM(errors)');
    expect((await describeAlarm('page'))?.StateValue).toBe('ALARM');
    await setState('errors', 'ALARM');
    expect((await describeAlarm('page'))?.StateValue).toBe('OK');
  });

  test('keep a state that was set by hand until an alarm below changes', async () => {
    await setState('unwell', 'OK');
    expect((await describeAlarm('unwell'))?.StateValue).toBe('OK');
    await setState('errors', 'OK');
    expect((await describeAlarm('unwell'))?.StateValue).toBe('ALARM');
  });

  test('are told only to those who ask for composite alarms', async () => {
    const { MetricAlarms, CompositeAlarms } = await client.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['errors', 'latency']);
    expect(CompositeAlarms).toEqual([]);
    const inAlarm = await client.send(
      new DescribeAlarmsCommand({ AlarmTypes: ['CompositeAlarm'], StateValue: 'ALARM' }),
    );
    expect(inAlarm.MetricAlarms).toEqual([]);
    expect(inAlarm.CompositeAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['unwell', 'page']);
  });

  test('have tags, as metric alarms have', async () => {
    const ResourceARN = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:unwell';
    await client.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'team', Value: 'a' }] }));
    await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['project'] }));
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN }));
    expect(Tags).toEqual([{ Key: 'team', Value: 'a' }]);
  });

  test.each<[string, string, () => Promise<unknown>]>([
    ['a rule that is none', "Error in AlarmRule [Unsupported token ')' at char 1]", () => put('no', '()')],
    [
      'alarms that do not exist',
      'Could not save the composite alarm as alarms [gone] in the alarm rule do not exist',
      () => put('no', 'ALARM(gone) OR ALARM(errors)'),
    ],
    [
      'to suppress actions',
      'does not carry out the parameter ActionsSuppressor of PutCompositeAlarm',
      () => put('no', 'TRUE', { ActionsSuppressor: 'errors' }),
    ],
    ['a state that is none', 'StateValue is FINE', () => setState('unwell', 'FINE' as StateValue)],
    [
      'to delete one that another asks about',
      'Cannot delete unwell as there are composite alarm(s) depending on it',
      () => remove('unwell'),
    ],
    ['to delete two at a time', 'No more than one composite alarm', () => remove('unwell', 'page')],
  ])('refuse %s', async (_, message, work) => {
    await expect(work()).rejects.toThrow(message);
  });

  test('are deleted, beside metric alarms too', async () => {
    await remove('page', 'errors');
    await remove('unwell');
    const AlarmTypes = ['MetricAlarm' as const, 'CompositeAlarm' as const];
    const { MetricAlarms, CompositeAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmTypes }));
    expect(MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['latency']);
    expect(CompositeAlarms).toEqual([]);
  });
});

async function put(AlarmName: string, AlarmRule: string, more: object = {}): Promise<void> {
  await client.send(new PutCompositeAlarmCommand({ AlarmName, AlarmRule, ...more }));
}

async function remove(...AlarmNames: string[]): Promise<void> {
  await client.send(new DeleteAlarmsCommand({ AlarmNames }));
}

async function setState(AlarmName: string, StateValue: StateValue): Promise<void> {
  await client.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'set by hand' }));
}

async function describeAlarm(name: string) {
  const { CompositeAlarms } = await client.send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['CompositeAlarm'] }),
  );
  return CompositeAlarms?.[0];
}
