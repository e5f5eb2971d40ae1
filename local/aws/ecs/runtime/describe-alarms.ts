import { postToBackend } from '../../gateway/post-to-backend.ts';
import type { AlarmView } from '../alarm-states.ts';
import type { ReadAlarms } from './polled-alarms.ts';

interface DescribedAlarm {
  AlarmName?: string;
  StateValue?: string;
  /** Seconds. */
  Period?: number;
  EvaluationPeriods?: number;
}

const DEFAULT_PERIOD_S = 60;

/**
 * Reads alarms by CloudWatch's DescribeAlarms (JSON protocol) at `endpoint`, as the account that is asked
 * about; of composite alarms only the state counts. One request for all names. Throws on any other answer.
 */
export function describeAlarmsAt(endpoint: string, fetch: typeof globalThis.fetch): ReadAlarms {
  return async (place, names) => {
    const answer = await postToBackend(endpoint, fetch, {
      ...place,
      service: 'monitoring',
      target: 'GraniteServiceVersion20100801.DescribeAlarms',
      input: { AlarmNames: names, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
    });
    if (!answer.ok) throw new Error(`HTTP ${answer.status} from ${new URL(endpoint).host}`);
    const { MetricAlarms = [], CompositeAlarms = [] } = (await answer.json()) as Record<
      string,
      DescribedAlarm[] | undefined
    >;
    return [...MetricAlarms, ...CompositeAlarms].map(viewOf);
  };
}

function viewOf({ AlarmName = '', StateValue, Period, EvaluationPeriods = 0 }: DescribedAlarm): AlarmView {
  const isKnown = StateValue === 'ALARM' || StateValue === 'OK';
  const windowMs = (Period ?? DEFAULT_PERIOD_S) * EvaluationPeriods * 1000;
  return { name: AlarmName, state: isKnown ? StateValue : 'INSUFFICIENT_DATA', windowMs };
}
