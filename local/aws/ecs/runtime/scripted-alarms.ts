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
  /** The states of the alarms and since when they are watched, as plain data. */
  save(): SavedAlarms;
  load(saved: SavedAlarms): void;
}

export interface SavedAlarms {
  states: Record<string, AlarmView['state']>;
  /** `since` is epoch milliseconds. */
  watches: { arn: string; names: readonly string[]; since: number }[];
}

/** Alarms without CloudWatch: each does what `scripts` says of its name; other names do not exist. */
export function createScriptedAlarms(
  scripts: Readonly<Record<string, AlarmScript>> = {},
  startsAt = 0,
): ScriptedAlarms {
  const agenda = createAgenda(startsAt);
  const states = new Map<string, AlarmView['state']>();
  const watches = new Map<string, { names: readonly string[]; since: number; cancel: (() => void)[] }>();
  const listeners: (() => void)[] = [];

  function set(name: string, state: AlarmView['state']): void {
    states.set(name, state);
    for (const listener of listeners) listener();
  }

  /** Enters what is still to come of the scripts of a deployment's alarms. */
  function follow(arn: string, names: readonly string[], since: number): void {
    const cancel: (() => void)[] = [];
    watches.set(arn, { names, since, cancel });
    for (const name of names) {
      for (const { afterMs, state } of scripts[name]?.states ?? []) {
        const leftMs = since + afterMs - agenda.now();
        if (leftMs > 0) cancel.push(agenda.after(leftMs, () => set(name, state)));
      }
    }
  }

  return {
    set,
    watched: () => [...watches.keys()],
    watch(arn, _place, names) {
      if (watches.has(arn)) return;
      for (const name of names) {
        const begun = scripts[name]?.states?.find(({ afterMs }) => afterMs === 0);
        if (begun !== undefined) states.set(name, begun.state);
      }
      follow(arn, names, agenda.now());
    },
    save: () => ({
      states: Object.fromEntries(states),
      watches: [...watches].map(([arn, { names, since }]) => ({ arn, names, since })),
    }),
    load(saved) {
      for (const [name, state] of Object.entries(saved.states)) states.set(name, state);
      for (const { arn, names, since } of saved.watches) follow(arn, names, since);
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
