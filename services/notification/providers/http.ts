import { KeyRefusedError, type Outcome, ProviderAwayError } from './provider.ts';

/** One call of a provider's HTTP interface. */
export interface ProviderCall {
  /** Of the provider, for reasons. */
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Statuses that mean the message is taken. */
  readonly takenBy: readonly number[];
  /** Says whether the body of such an answer is the provider's; a page of some proxy is not. */
  readonly isTaken?: (body: string) => boolean;
  /** The provider's own code in the body of a refusal; only what looks like a code goes on. */
  readonly codeOf?: (body: string) => string | undefined;
  /** The code that says that the address is not there any more. */
  readonly goneCode?: string;
}

/** The longest pause we take a provider's word for, in milliseconds. */
const longestAfterMs = 60 * 60 * 1000;

/** Posts a message and judges the answer. Throws `ProviderAwayError`, `KeyRefusedError` or what `fetch` does. */
export async function post(call: ProviderCall, signal: AbortSignal, now: number): Promise<Outcome> {
  const { url, headers, body } = call;
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
  const text = await response.text();
  return judge(call, { status: response.status, retryAfter: response.headers.get('retry-after'), text }, now);
}

/** Judges one answer. Throws as `post` does. */
export function judge(
  call: Pick<ProviderCall, 'name' | 'takenBy' | 'isTaken' | 'codeOf' | 'goneCode'>,
  answer: { status: number; retryAfter: string | null; text: string },
  now: number,
): Outcome {
  const { name, takenBy, isTaken = () => true, codeOf, goneCode } = call;
  const { status, retryAfter, text } = answer;
  if (takenBy.includes(status)) {
    if (isTaken(text)) return { kind: 'sent' };
    throw new ProviderAwayError(`${name} answers ${status} with something that is not its own.`);
  }
  if (status === 429) {
    const afterMs = parseRetryAfter(retryAfter, now);
    return {
      kind: 'later',
      reason: `${name} takes no more now (429).`,
      ...(afterMs !== undefined && { afterMs }),
    };
  }
  if (status === 401 || status === 403) throw new KeyRefusedError(`${name} answers ${status}.`);
  if (status < 400 || status >= 500 || status === 408)
    throw new ProviderAwayError(`${name} answers ${status}.`);
  const code = codeOf?.(text);
  const shown = code !== undefined && /^[\w.-]{1,60}$/.test(code) ? `, ${code}` : '';
  const isGone = goneCode !== undefined && code === goneCode;
  return { kind: 'refused', reason: `${name} refuses it (${status}${shown}).`, ...(isGone && { isGone }) };
}

/** `Retry-After` in milliseconds from now: seconds or a date (RFC 9110, 10.2.3); at most an hour. */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? '';
  const isSeconds = /^\d+$/.test(text);
  // Node takes almost anything for a date.
  if (!isSeconds && !text.endsWith(' GMT')) return undefined;
  const ms = isSeconds ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestAfterMs);
}

/** A value inside a JSON text, or `undefined` for what is not there or no JSON. */
export function readJson(text: string, ...path: readonly (string | number)[]): unknown {
  try {
    return path.reduce<unknown>(
      (value, key) => (value as Record<string | number, unknown>)?.[key],
      JSON.parse(text),
    );
  } catch {
    return undefined;
  }
}
