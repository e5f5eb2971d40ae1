import type { AlarmPlace, AlarmStates, AlarmView } from '../alarm-states.ts';

/** Reads the alarms of these names that exist. */
export type ReadAlarms = (place: AlarmPlace, names: readonly string[]) => Promise<AlarmView[]>;

export interface PolledAlarmsOptions {
  read: ReadAlarms;
  /** Resolves after so many milliseconds; rejects or resolves early once `signal` is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Milliseconds from one answer to the next question. */
  intervalMs: number;
  /** Takes what a reading failed with; the last answer stands and the next reading is tried. */
  warn(line: string): void;
}

export interface PolledAlarms extends AlarmStates {
  /** Ends all reading. */
  stop(): void;
}

interface Watch {
  ending: AbortController;
  alarms: AlarmView[] | undefined;
}

/** Alarm states that are asked for again and again while a deployment with alarms is under way. */
export function createPolledAlarms(options: PolledAlarmsOptions): PolledAlarms {
  const watches = new Map<string, Watch>();
  const listeners: (() => void)[] = [];

  async function poll(watch: Watch, place: AlarmPlace, names: readonly string[]): Promise<void> {
    const { signal } = watch.ending;
    while (!signal.aborted) {
      try {
        watch.alarms = await options.read(place, names);
        if (!signal.aborted) for (const listener of listeners) listener();
      } catch (error) {
        if (!signal.aborted) options.warn(`DescribeAlarms failed: ${String(error)}`);
      }
      await options.sleep(options.intervalMs, signal).catch(() => undefined);
    }
  }

  function unwatch(arn: string): void {
    watches.get(arn)?.ending.abort();
    watches.delete(arn);
  }

  return {
    watch(arn, place, names) {
      if (watches.has(arn)) return;
      const watch: Watch = { ending: new AbortController(), alarms: undefined };
      watches.set(arn, watch);
      void poll(watch, place, names);
    },
    unwatch,
    read: (arn) => watches.get(arn)?.alarms,
    onChange: (listener) => void listeners.push(listener),
    stop() {
      for (const arn of [...watches.keys()]) unwatch(arn);
    },
  };
}
