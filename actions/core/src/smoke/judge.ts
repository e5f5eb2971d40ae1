import { query } from 'jsonpath-rfc9535';
import type { Expectation, Reply } from './check.ts';
import { type Mismatch, matchValues, renderJson } from './matcher.ts';

/**
 * What one reply means. `transient` outcomes may pass by themselves and are asked again until the deadline;
 * `reached` tells whether anyone took the request, which decides between a failed and an impossible test.
 */
export type Outcome =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] }
  | { readonly kind: 'transient'; readonly problems: readonly string[]; readonly reached: boolean };

/** Statuses that a load balancer gives while targets come and go. */
const TRANSIENT_STATUSES: readonly number[] = [502, 503, 504];

/** Judges one reply. An answer that meets the expectation is right, whatever its status. */
export function judge(reply: Reply, expect: Expectation): Outcome {
  if (reply.kind !== 'answer') {
    return { kind: 'transient', problems: [reply.reason], reached: reply.kind === 'silent' };
  }
  const mismatches = [
    ...statusMismatch(reply.status, expect.statuses),
    ...Object.entries(expect.headers).flatMap(([name, matcher]) => {
      const value = reply.headers[name];
      return matchValues(`header ${name}`, value === undefined ? [] : [value], matcher);
    }),
    ...jsonMismatches(reply.body, expect),
    ...(expect.body ? matchValues('body', [reply.body], expect.body) : []),
  ];
  if (mismatches.length === 0) return { kind: 'right' };
  const problems = mismatches.map(renderMismatch);
  if (TRANSIENT_STATUSES.includes(reply.status)) return { kind: 'transient', problems, reached: true };
  return { kind: 'wrong', problems: [...problems, ...excerptOf(reply.body, expect)] };
}

function statusMismatch(status: number, wanted: readonly number[]): Mismatch[] {
  if (wanted.length > 0 ? wanted.includes(status) : status >= 200 && status <= 299) return [];
  const expected = wanted.length > 0 ? wanted.join(' or ') : '200 to 299';
  return [{ what: 'status', expected, actual: String(status) }];
}

function jsonMismatches(body: string, { json }: Expectation): Mismatch[] {
  const paths = Object.entries(json);
  if (paths.length === 0) return [];
  const document = tryJson(body);
  if (document === undefined) return [{ what: 'body', expected: 'JSON', actual: renderJson(body) }];
  return paths.flatMap(([path, matcher]) => matchValues(path, query(document.value, path), matcher));
}

/** The body itself, where no expectation about it has shown it yet. */
function excerptOf(body: string, { body: matcher }: Expectation): string[] {
  return matcher || body.trim() === '' ? [] : [`the body was ${renderJson(body)}`];
}

function renderMismatch({ what, expected, actual }: Mismatch): string {
  return `${what}: expected ${expected}, got ${actual}`;
}

type Json = Parameters<typeof query>[0];

function tryJson(text: string): { value: Json } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
