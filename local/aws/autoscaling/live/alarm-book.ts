import type { AlarmBook, AlarmEntry } from '../engine/alarm-book.ts';
import type { MetricPlace } from '../engine/metrics.ts';
import type { AskBackend } from './back-end.ts';

/**
 * Writes the alarms of policies into CloudWatch, one call after the other. What cannot be written is told to
 * `warn`. An alarm over metric math is left out: it has no one metric that CloudWatch could show for it.
 */
export function alarmBookAt(
  ask: AskBackend,
  warn: (line: string) => void,
): AlarmBook & { idle(): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve();
  const written = new Set<string>();
  const send = (place: MetricPlace, operation: string, input: object) => {
    last = last
      .then(() => ask(place, { service: 'monitoring', operation, input }))
      .catch((error: unknown) => warn(`An alarm of Application Auto Scaling is not shown: ${String(error)}`));
  };
  return {
    write(place, alarm) {
      if (!alarm.stat) return;
      written.add(alarm.AlarmName);
      send(place, 'PutMetricAlarm', alarmInput(alarm));
    },
    setState(place, { AlarmName, state }) {
      if (!written.has(AlarmName)) return;
      const StateReason = 'Evaluated by Application Auto Scaling.';
      send(place, 'SetAlarmState', { AlarmName, StateValue: state, StateReason });
    },
    remove(place, names) {
      const AlarmNames = names.filter((name) => written.delete(name));
      if (AlarmNames.length > 0) send(place, 'DeleteAlarms', { AlarmNames });
    },
    async idle() {
      await last;
    },
  };
}

function alarmInput({ AlarmName, direction, threshold, evaluationPeriods, stat, policyArn }: AlarmEntry) {
  return {
    AlarmName,
    AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policyArn}.`,
    ActionsEnabled: true,
    AlarmActions: [policyArn],
    Namespace: stat?.namespace,
    MetricName: stat?.metricName,
    Dimensions: Object.entries(stat?.dimensions ?? {}).map(([Name, Value]) => ({ Name, Value })),
    Statistic: stat?.statistic,
    ...(stat?.unit && { Unit: stat.unit }),
    Period: 60,
    EvaluationPeriods: evaluationPeriods,
    Threshold: threshold,
    ComparisonOperator: direction === 'out' ? 'GreaterThanThreshold' : 'LessThanThreshold',
  };
}
