import { expect, test } from '@jest/globals';
import { writeMetric } from '../emf.ts';
import { createLog } from '../log.ts';

test('writes one line of JSON that CloudWatch reads a metric from', () => {
  const lines: string[] = [];
  const log = createLog({ service: 'dispatch', version: '1' }, 'info', {
    write: (line) => void lines.push(line),
  });
  writeMetric(log, { namespace: 'shop-prod', name: 'dispatch_queue_depth', value: 7, at: 1_700_000_000_000 });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      _aws: {
        Timestamp: 1_700_000_000_000,
        CloudWatchMetrics: [
          {
            Namespace: 'shop-prod',
            Dimensions: [[]],
            Metrics: [{ Name: 'dispatch_queue_depth', Unit: 'Count' }],
          },
        ],
      },
      dispatch_queue_depth: 7,
    },
  ]);
});
