/** One metric of one period: as many samples as there were, folded into their sum and bounds. */
export interface MetricDatum {
  /** As AWS names it, for instance `HTTPCode_Target_5XX_Count`. */
  name: string;
  /** `LoadBalancer` and `TargetGroup` by the ends of their ARNs. */
  dimensions: Readonly<Record<string, string>>;
  unit: 'Count' | 'Seconds';
  samples: number;
  sum: number;
  least: number;
  most: number;
}

/** The metrics of one period of one account and Region. */
export interface MetricBatch {
  accountId: string;
  region: string;
  /** When the period began, epoch milliseconds. */
  at: number;
  data: MetricDatum[];
}

/** Takes metrics; may reject, which loses them. */
export type MetricSink = (batch: MetricBatch) => Promise<void>;

/** Folds a sample into a datum, which is made when it is the first. */
export function foldSample(
  into: Map<string, MetricDatum>,
  sample: { name: string; dimensions: MetricDatum['dimensions']; unit?: MetricDatum['unit']; value: number },
): void {
  const { name, dimensions, unit = 'Count', value } = sample;
  const key = [name, ...Object.entries(dimensions).flat()].join(' ');
  const known = into.get(key);
  if (!known) {
    into.set(key, { name, dimensions, unit, samples: 1, sum: value, least: value, most: value });
    return;
  }
  known.samples += 1;
  known.sum += value;
  known.least = Math.min(known.least, value);
  known.most = Math.max(known.most, value);
}
