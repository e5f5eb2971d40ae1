import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AskBackend } from '../../autoscaling/live/back-end.ts';
import type { AlarmState } from '../alarm-rule.ts';
import { type CompositeAlarms, createCompositeAlarms } from '../composite-alarms.ts';
import { readAlarmsOf } from '../read-alarms.ts';

const place = { accountId: '123456789012', region: 'us-east-1' };
const metrics: Record<string, AlarmState> = { errors: 'OK', latency: 'ALARM' };

const ask: AskBackend = async (_, { input }) => {
  const { AlarmNames: names = [] } = input as { AlarmNames?: string[] };
  return {
    MetricAlarms: Object.entries(metrics)
      .filter(([name]) => names.includes(name))
      .map(([AlarmName, StateValue]) => ({ AlarmName, StateValue })),
  };
};
let composites: CompositeAlarms;
let asked: (readonly string[])[];

beforeEach(async () => {
  asked = [];
  composites = createCompositeAlarms(ask);
  const AlarmRule = 'ALARM(errors) OR ALARM(latency)';
  await composites.put(place, { AlarmName: 'unwell', AlarmRule }, 0);
});

const read = (...names: string[]) =>
  readAlarmsOf(
    composites,
    async (_, others) => {
      asked.push(others);
      return others.map((name) => ({ name, state: 'OK' as const, windowMs: 60_000 }));
    },
    () => 1,
  )(place, names);

describe('the alarms of a deployment', () => {
  test('are those of the back end, and composite ones in the state that follows from theirs', async () => {
    expect(await read('errors', 'unwell')).toEqual([
      { name: 'errors', state: 'OK', windowMs: 60_000 },
      { name: 'unwell', state: 'ALARM', windowMs: 0 },
    ]);
    expect(asked).toEqual([['errors']]);
  });

  test('may be composite ones alone', async () => {
    expect(await read('unwell')).toEqual([{ name: 'unwell', state: 'ALARM', windowMs: 0 }]);
    expect(asked).toEqual([]);
  });

  test('are those of their account and Region', async () => {
    const elsewhere = readAlarmsOf(
      composites,
      async () => [],
      () => 1,
    );
    expect(await elsewhere({ ...place, region: 'eu-west-1' }, ['unwell'])).toEqual([]);
  });
});
