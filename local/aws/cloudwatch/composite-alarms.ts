import type { PutCompositeAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { MetricPlace } from '../autoscaling/engine/metrics.ts';
import type { AskBackend } from '../autoscaling/live/back-end.ts';
import { AwsFault } from '../fault.ts';
import { type AlarmState, alarmsOf, parseAlarmRule } from './alarm-rule.ts';
import { type JudgedAlarm, judgeComposites } from './judge-composites.ts';

export type CompositeAlarm = JudgedAlarm & {
  arn: string;
  /** What `PutCompositeAlarm` was last told, but for the tags. */
  settings: Omit<PutCompositeAlarmInput, 'Tags'>;
  /** Epoch milliseconds. */
  configuredAt: number;
  tags: ReadonlyMap<string, string>;
};

/** The composite alarms of every account and Region, in memory. Times are epoch milliseconds. */
export type CompositeAlarms = {
  /** Makes one or overwrites it. Throws `ValidationError` for a bad rule and for alarms that do not exist. */
  put(place: MetricPlace, input: PutCompositeAlarmInput, now: number): Promise<void>;
  /** All of them, in the states that follow from those of other alarms. */
  read(place: MetricPlace, now: number): Promise<CompositeAlarm[]>;
  /** As it was last judged; `undefined` for an alarm that is none. */
  find(place: MetricPlace, name: string): CompositeAlarm | undefined;
  change(place: MetricPlace, alarm: CompositeAlarm): void;
  /** Throws `ValidationError` for two at a time, and for one that another asks about. */
  remove(place: MetricPlace, names: readonly string[]): void;
};

/** Keeps composite alarms beside the metric alarms of a back end that knows no composite ones. */
export function createCompositeAlarms(ask: AskBackend): CompositeAlarms {
  const all = new Map<string, Map<string, CompositeAlarm>>();
  const at = ({ accountId, region }: MetricPlace): Map<string, CompositeAlarm> => {
    const key = `${accountId}/${region}`;
    const found = all.get(key) ?? new Map<string, CompositeAlarm>();
    all.set(key, found);
    return found;
  };

  return {
    async put(place, { Tags = [], ...settings }, now) {
      const { AlarmName: name = '', AlarmRule = '' } = settings;
      const rule = parseAlarmRule(AlarmRule);
      const asked = alarmsOf(rule).filter((child) => !at(place).has(child));
      const states = await readStates(ask, place, asked);
      const missing = asked.filter((child) => !states.has(child));
      if (missing.length > 0) {
        throw invalid(
          `Could not save the composite alarm as alarms [${missing.join(', ')}] in the alarm rule do not exist`,
        );
      }
      const known = at(place).get(name) ?? {
        ...{ name, arn: arnOf(place, name), state: 'INSUFFICIENT_DATA' as const, stateUpdatedAt: now },
        stateReason: 'Unchecked: Initial alarm creation',
        tags: new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      };
      at(place).set(name, { ...known, rule, settings, configuredAt: now });
    },
    async read(place, now) {
      const composites = at(place);
      const asked = [...composites.values()].flatMap(({ rule }) => alarmsOf(rule));
      const names = [...new Set(asked)].filter((name) => !composites.has(name));
      const states = await readStates(ask, place, names);
      const judged = judgeComposites(composites, states, now);
      for (const [name, alarm] of judged) composites.set(name, alarm);
      return [...judged.values()];
    },
    find: (place, name) => at(place).get(name),
    change: (place, alarm) => void at(place).set(alarm.name, alarm),
    remove(place, names) {
      const composites = at(place);
      const own = names.filter((name) => composites.has(name));
      if (own.length > 1) throw invalid('No more than one composite alarm can be deleted at a time');
      for (const name of own) {
        const above = [...composites.values()].filter(({ rule }) => alarmsOf(rule).includes(name));
        if (above.length > 0) {
          throw invalid(`Cannot delete ${name} as there are composite alarm(s) depending on it`);
        }
        composites.delete(name);
      }
    },
  };
}

/** The states of those alarms of the back end that exist. */
async function readStates(
  ask: AskBackend,
  place: MetricPlace,
  names: readonly string[],
): Promise<Map<string, AlarmState>> {
  if (names.length === 0) return new Map();
  const input = { AlarmNames: names };
  const answer = await ask(place, { service: 'monitoring', operation: 'DescribeAlarms', input });
  const { MetricAlarms = [] } = answer as { MetricAlarms?: { AlarmName: string; StateValue: AlarmState }[] };
  return new Map(MetricAlarms.map(({ AlarmName, StateValue }) => [AlarmName, StateValue]));
}

const arnOf = ({ accountId, region }: MetricPlace, name: string): string =>
  `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`;

const invalid = (message: string) => new AwsFault('ValidationError', message);
