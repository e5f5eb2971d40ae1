import { describe, expect, it } from '@jest/globals';
import type { AlarmView } from '../../alarm-states.ts';
import { alarmBakeMs, triggeredAlarms } from '../../engine/decide-alarms.ts';

const alarms: AlarmView[] = [
  { name: 'errors', state: 'ALARM', windowMs: 180_000 },
  { name: 'latency', state: 'OK', windowMs: 60_000 },
  { name: 'silence', state: 'INSUFFICIENT_DATA', windowMs: 300_000 },
];

describe('deployment alarms', () => {
  it('trigger in ALARM, unless they were so at the start', () => {
    expect(triggeredAlarms(alarms, [])).toEqual(['errors']);
    expect(triggeredAlarms(alarms, ['errors'])).toEqual([]);
  });

  it('bake as long as the slowest alarm that is not ignored needs', () => {
    expect(alarmBakeMs(alarms, [])).toBe(300_000);
    expect(alarmBakeMs(alarms, ['silence'])).toBe(180_000);
    expect(alarmBakeMs([], [])).toBe(0);
  });
});
