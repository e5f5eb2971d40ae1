import type { MetricPlace, MetricStat } from './metrics.ts';
import type { AlarmRecord } from './state.ts';

/** An alarm with what it watches: one metric, or nothing that one metric could stand for (metric math). */
export interface AlarmEntry extends AlarmRecord {
  stat: MetricStat | undefined;
  policyArn: string;
}

/** Where alarms can be seen beside the policies they belong to; a back end's CloudWatch. */
export interface AlarmBook {
  /** Writes an alarm down, anew or over an earlier one of its name. */
  write(place: MetricPlace, alarm: AlarmEntry): void;
  setState(place: MetricPlace, alarm: Pick<AlarmRecord, 'AlarmName' | 'state'>): void;
  remove(place: MetricPlace, alarmNames: readonly string[]): void;
}

/** Shows alarms nowhere else. */
export const NO_ALARM_BOOK: AlarmBook = { write() {}, setState() {}, remove() {} };
