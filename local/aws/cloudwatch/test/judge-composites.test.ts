import { describe, expect, test } from '@jest/globals';
import { type AlarmState, parseAlarmRule } from '../alarm-rule.ts';
import { type JudgedAlarm, judgeComposites, meetsCycle } from '../judge-composites.ts';

const alarm = (name: string, rule: string, state: AlarmState = 'INSUFFICIENT_DATA'): JudgedAlarm => ({
  ...{ name, rule: parseAlarmRule(rule), state },
  stateReason: 'Unchecked: Initial alarm creation',
  stateUpdatedAt: 0,
});
const named = (...alarms: JudgedAlarm[]) => new Map(alarms.map((one) => [one.name, one]));
const statesOf = (alarms: ReadonlyMap<string, JudgedAlarm>) =>
  Object.fromEntries([...alarms].map(([name, { state }]) => [name, state]));
const metrics = (cpu: AlarmState) => new Map([['cpu', cpu]]);

describe('a composite alarm', () => {
  test('goes to ALARM while its rule holds, and says by which alarms', () => {
    const first = judgeComposites(named(alarm('unwell', 'ALARM(cpu)')), metrics('OK'), 5);
    expect(first.get('unwell')).toMatchObject({ state: 'OK', stateUpdatedAt: 5, stateReason: 'cpu is OK' });
    const later = judgeComposites(first, metrics('ALARM'), 9);
    expect(later.get('unwell')).toMatchObject({ state: 'ALARM', stateUpdatedAt: 9 });
    const still = judgeComposites(later, metrics('ALARM'), 12);
    expect(still.get('unwell')).toMatchObject({ state: 'ALARM', stateUpdatedAt: 9 });
  });

  test('may ask about another, whichever was made first', () => {
    const both = named(alarm('page', 'ALARM(unwell) AND NOT ALARM(gone)'), alarm('unwell', 'ALARM(cpu)'));
    expect(statesOf(judgeComposites(both, metrics('ALARM'), 1))).toEqual({ page: 'ALARM', unwell: 'ALARM' });
    expect(statesOf(judgeComposites(both, metrics('OK'), 1))).toEqual({ page: 'OK', unwell: 'OK' });
  });

  test('keeps a state that was set by hand until an alarm below changes', () => {
    const judged = judgeComposites(named(alarm('unwell', 'ALARM(cpu)')), metrics('OK'), 1);
    const set = named({ ...(judged.get('unwell') ?? alarm('unwell', 'TRUE')), state: 'ALARM' });
    expect(statesOf(judgeComposites(set, metrics('OK'), 2))).toEqual({ unwell: 'ALARM' });
    expect(statesOf(judgeComposites(set, metrics('INSUFFICIENT_DATA'), 3))).toEqual({ unwell: 'OK' });
  });

  test('is not judged where its evaluation meets a cycle', () => {
    const around = named(
      alarm('a', 'ALARM(b)', 'OK'),
      alarm('b', 'ALARM(a)', 'ALARM'),
      alarm('above', 'ALARM(b)', 'OK'),
      alarm('beside', 'ALARM(cpu)'),
    );
    expect([...around.keys()].filter((name) => meetsCycle(around, name))).toEqual(['a', 'b', 'above']);
    expect(statesOf(judgeComposites(around, metrics('ALARM'), 1))).toEqual({
      ...{ a: 'OK', b: 'ALARM', above: 'OK' },
      beside: 'ALARM',
    });
  });
});
