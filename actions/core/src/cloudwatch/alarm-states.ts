import type { CloudwatchClient } from '../aws-clients.ts';
import type { AlarmReading } from '../decide/alarm-reading.ts';
import { readInBatches } from '../ecs/batches.ts';

/** How many alarms one DescribeAlarms call takes. */
const ALARMS_A_CALL = 100;

/** Reads alarms of both kinds by name; names that CloudWatch does not know are left out. No names cost no call. */
export function readAlarms(cloudwatch: CloudwatchClient, names: readonly string[]): Promise<AlarmReading[]> {
  return readInBatches(names, ALARMS_A_CALL, async (AlarmNames) => {
    const { client, DescribeAlarmsCommand } = await cloudwatch();
    const command = new DescribeAlarmsCommand({
      AlarmNames,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: ALARMS_A_CALL,
    });
    const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(command);
    return [
      // CloudWatch leaves the treatment out where nobody has set it; it is `missing` then.
      ...MetricAlarms.map((one) => ({ ...readingOf(one), missingData: one.TreatMissingData ?? 'missing' })),
      ...CompositeAlarms.map(readingOf),
    ];
  });
}

function readingOf(alarm: { AlarmName?: string; StateValue?: string; StateReason?: string }): AlarmReading {
  const { AlarmName = '', StateValue = '', StateReason = 'no reason given' } = alarm;
  return { name: AlarmName, state: StateValue, reason: StateReason };
}
