import { nearMatches } from './near-match.ts';

/** Regions as of 2026-11; a newer one is not refused, this list only helps to find a mistyped one. */
const REGIONS: readonly string[] = [
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-central-1',
  'ca-west-1',
  'cn-north-1',
  'cn-northwest-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-gov-east-1',
  'us-gov-west-1',
  'us-west-1',
  'us-west-2',
];

/**
 * Explains a host of AWS whose name nobody knows: when its region is none that is known, a sentence with the near
 * ones; otherwise, and for any other message, `undefined`.
 */
export function tryRegionHint(message: string): string | undefined {
  const host = /(?:ENOTFOUND|EAI_AGAIN) (\S+)/.exec(message)?.[1] ?? '';
  const region = /([a-z]{2}(?:-[a-z]+)+-\d)\.(?:amazonaws\.com|api\.aws)/.exec(host)?.[1];
  if (region === undefined || REGIONS.includes(region)) return undefined;
  const near = nearMatches(region, REGIONS);
  const hint = near.length > 0 ? ` Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : '';
  return `There is no AWS region "${region}".${hint}`;
}

/** Two regions of each partition that nobody has to opt in to; the second is asked where the first is the one. */
const ALWAYS_ON = [
  ['us-east-1', 'us-west-2'],
  ['cn-north-1', 'cn-northwest-1'],
  ['us-gov-west-1', 'us-gov-east-1'],
] as const;

/**
 * A region to ask instead of one that does not answer, in the same partition and on in every account; `undefined`
 * in a partition that this code does not know.
 */
export function trySecondRegion(region: string): string | undefined {
  const partitionOf = (one: string): string => /^(cn|us-gov|us-iso\w*|eu-isoe|eusc)-/.exec(one)?.[1] ?? 'aws';
  const pair = ALWAYS_ON.find(([first]) => partitionOf(first) === partitionOf(region));
  return pair?.find((one) => one !== region);
}
