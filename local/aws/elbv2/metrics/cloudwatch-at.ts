import { backendHeaders } from '../backend-headers.ts';
import type { MetricBatch, MetricDatum, MetricSink } from './metric-datum.ts';

const NAMESPACE = 'AWS/ApplicationELB';
/** CloudWatch takes 1,000 in one call; smaller calls keep a slow back end responsive. */
const MOST_DATA = 100;

/** Sends metrics to CloudWatch at `endpoint` with PutMetricData; rejects when that answers an error. */
export function cloudWatchAt(endpoint: string): MetricSink {
  return async (batch) => {
    for (let from = 0; from < batch.data.length; from += MOST_DATA) {
      const body = renderPutMetricData({ ...batch, data: batch.data.slice(from, from + MOST_DATA) });
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: backendHeaders(batch, 'monitoring'),
        body,
      });
      const text = await response.text();
      if (response.ok) continue;
      throw new Error(`CloudWatch answered PutMetricData with ${response.status}: ${text.slice(0, 200)}`);
    }
  };
}

/** The form of one PutMetricData call. Source: CloudWatch API 2010-08-01. */
function renderPutMetricData({ data, at }: MetricBatch): URLSearchParams {
  const form = new URLSearchParams({ Action: 'PutMetricData', Version: '2010-08-01', Namespace: NAMESPACE });
  for (const [index, datum] of data.entries()) {
    const prefix = `MetricData.member.${index + 1}`;
    for (const [name, value] of membersOf(datum)) form.set(`${prefix}.${name}`, String(value));
    form.set(`${prefix}.Timestamp`, new Date(at).toISOString());
  }
  return form;
}

function membersOf({ name, unit, samples, sum, least, most, dimensions }: MetricDatum) {
  const pairs: [string, string | number][] = [
    ['MetricName', name],
    ['Unit', unit],
    ['StatisticValues.SampleCount', samples],
    ['StatisticValues.Sum', sum],
    ['StatisticValues.Minimum', least],
    ['StatisticValues.Maximum', most],
  ];
  for (const [index, [key, value]] of Object.entries(dimensions).entries()) {
    pairs.push([`Dimensions.member.${index + 1}.Name`, key]);
    pairs.push([`Dimensions.member.${index + 1}.Value`, value]);
  }
  return pairs;
}
