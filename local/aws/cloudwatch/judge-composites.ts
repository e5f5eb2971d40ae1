import { type AlarmRule, type AlarmState, alarmsOf, holds } from './alarm-rule.ts';

/** A composite alarm, as far as it is judged. */
export type JudgedAlarm = {
  name: string;
  rule: AlarmRule;
  state: AlarmState;
  stateReason: string;
  /** Epoch milliseconds. */
  stateUpdatedAt: number;
  /** Of which states of which alarms its own follows; absent before it was first judged. */
  basis?: string;
};

/**
 * Judges composite alarms, by name, as of `now` (epoch ms): ALARM where the rule holds, else OK. `states` are those of
 * the metric alarms they ask about. An alarm is judged anew only when one that it asks about has changed, so that a
 * state that was set by hand stays until then; one whose evaluation meets a cycle stays as it is.
 * Source: CloudWatch API reference, "PutCompositeAlarm" and "SetAlarmState" (read 2026-11).
 */
export function judgeComposites<Alarm extends JudgedAlarm>(
  composites: ReadonlyMap<string, Alarm>,
  states: ReadonlyMap<string, AlarmState>,
  now: number,
): Map<string, Alarm> {
  const judged = new Map<string, Alarm>();

  function judge(alarm: Alarm): Alarm {
    const known = judged.get(alarm.name);
    if (known) return known;
    const settled = meetsCycle(composites, alarm.name) ? alarm : decide(alarm, stateOf, now);
    judged.set(alarm.name, settled);
    return settled;
  }

  function stateOf(name: string): AlarmState | undefined {
    const composite = composites.get(name);
    return composite ? judge(composite).state : states.get(name);
  }

  for (const alarm of composites.values()) judge(alarm);
  return judged;
}

/** Whether the alarms below one come back to one of themselves. */
export function meetsCycle(
  composites: ReadonlyMap<string, Pick<JudgedAlarm, 'rule'>>,
  name: string,
  above: readonly string[] = [],
): boolean {
  if (above.includes(name)) return true;
  const composite = composites.get(name);
  if (!composite) return false;
  return alarmsOf(composite.rule).some((child) => meetsCycle(composites, child, [...above, name]));
}

function decide<Alarm extends JudgedAlarm>(
  alarm: Alarm,
  stateOf: (name: string) => AlarmState | undefined,
  now: number,
): Alarm {
  const children = alarmsOf(alarm.rule).map((name) => [name, stateOf(name) ?? null]);
  const basis = JSON.stringify([alarm.rule, children]);
  if (basis === alarm.basis) return alarm;
  const state = holds(alarm.rule, stateOf) ? 'ALARM' : 'OK';
  if (state === alarm.state) return { ...alarm, basis };
  const stateReason = children.map(([name, found]) => `${name} is ${found ?? 'not there'}`).join(', ');
  return { ...alarm, basis, state, stateReason: stateReason || 'The rule is constant', stateUpdatedAt: now };
}
