import type { Bus } from '../../../services/lib/bus.ts';
import type { Body } from './body.ts';

/** The answer to one request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Without fields where the answer has no body. */
  readonly json: Body;
}

/** Asks a service as someone: with an access token, or without one. */
export async function ask(
  base: string,
  request: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`,
  options: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const [method = '', path = ''] = request.split(' ');
  const { body, token, headers = {} } = options;
  const response = await fetch(base + path, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: text === '' ? {} : JSON.parse(text),
  };
}

/** An answer that has these fields. */
export interface Having<Name extends keyof Body> extends Answer {
  readonly json: Body & Required<Pick<Body, Name>>;
}

/** The same answer, which must have the fields named: fails with the whole of it where one is missing. */
export function having<Name extends keyof Body>(answer: Answer, ...names: Name[]): Having<Name> {
  if (has(answer, names)) return answer;
  const { status, json } = answer;
  throw new Error(
    `An answer with ${names.join(' and ')} was expected, not ${status} ${JSON.stringify(json)}.`,
  );
}

function has<Name extends keyof Body>(answer: Answer, names: Name[]): answer is Having<Name> {
  return names.every((name) => answer.json[name] !== undefined);
}

/**
 * Reads again until what is read is as wanted, and gives it: for what happens by an event. Fails after a minute, if not told
 * otherwise, with what was waited for and what was read last: a busy machine takes its time, a test that ends by its own
 * time-out tells nothing.
 */
export async function eventually<Seen>(
  read: () => Promise<Seen> | Seen,
  isWanted: (seen: Seen) => boolean,
  withinMs = 60_000,
): Promise<Seen> {
  const end = Date.now() + withinMs;
  for (;;) {
    const seen = await read();
    if (isWanted(seen)) return seen;
    if (Date.now() > end) throw new Error(renderWait(read, isWanted, seen, withinMs));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function renderWait(read: object, isWanted: object, seen: unknown, withinMs: number): string {
  return `It is not so after ${withinMs} ms: ${isWanted} of ${read}. The last was ${JSON.stringify(seen)}.`;
}

/** Waits until something is so, as long as `eventually`. */
export async function until(isSo: () => Promise<boolean> | boolean, withinMs?: number): Promise<void> {
  await eventually(isSo, (seen) => seen, withinMs);
}

/** Waits until a bus is connected. */
export async function untilConnected(bus: Pick<Bus, 'assertAnswers'>): Promise<void> {
  const faultOf = () => {
    try {
      bus.assertAnswers();
      return undefined;
    } catch (error) {
      return String(error);
    }
  };
  await eventually(faultOf, (fault) => fault === undefined);
}
