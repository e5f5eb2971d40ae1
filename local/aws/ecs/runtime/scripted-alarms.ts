import type { AlarmStates, AlarmView } from '../alarm-states.ts';
import type { TimedSource } from '../engine/engine.ts';
import { createAgenda } from './agenda.ts';

/** An alarm in virtual time. Its window is 60 s unless given. */
export interface AlarmScript {
  windowMs?: number;
  /** Its states, each so long after the deployment that watches it began. OK before the first. */
  states?: readonly { afterMs: number; state: AlarmView['state'] }[];
}

export interface ScriptedAlarms extends AlarmStates, TimedSource {
  /** Sets the state of an alarm at once, for every deployment that watches it. */
  set(name: string, state: AlarmView['state']): void;
  /** ARNs of the service deployments whose alarms are being read. */
  watched(): string[];
}

/** Alarms without CloudWatch: each does what `scripts` says of its name; other names do not exist. */
export function createScriptedAlarms(
  scripts: Readonly<Record<string, AlarmScript>> = {},
  startsAt = 0,
): ScriptedAlarms {
  const agenda = createAgenda(startsAt);
  const states = new Map<string, AlarmView['state']>();
  const watches = new Map<string, { names: readonly string[]; cancel: (() => void)[] }>();
  const listeners: (() => void)[] = [];

  function set(name: string, state: AlarmView['state']): void {
    states.set(name, state);
    for (const listener of listeners) listener();
  }

  return {
    set,
    watched: () => [...watches.keys()],
    watch(arn, _place, names) {
      if (watches.has(arn)) return;
      const cancel: (() => void)[] = [];
      watches.set(arn, { names, cancel });
      for (const name of names) {
        for (const { afterMs, state } of scripts[name]?.states ?? []) {
          if (afterMs === 0) states.set(name, state);
          else cancel.push(agenda.after(afterMs, () => set(name, state)));
        }
      }
    },
    unwatch(arn) {
      for (const cancel of watches.get(arn)?.cancel ?? []) cancel();
      watches.delete(arn);
    },
    read: (arn) =>
      watches.get(arn)?.names.flatMap((name) => {
        const script = scripts[name];
        const state = states.get(name) ?? 'OK';
        return script === undefined ? [] : [{ name, state, windowMs: script.windowMs ?? 60_000 }];
      }),
    onChange: (listener) => void listeners.push(listener),
    nextDueAt: agenda.nextDueAt,
    advance: agenda.advance,
  };
}
