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

/** Asks again until the answer is as wanted: for what happens by an event. Fails after a minute with the last one. */
export async function eventually(
  read: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
): Promise<Answer> {
  let last: Answer | undefined;
  await until(async () => {
    last = await read();
    return isWanted(last);
  }).catch((error: unknown) => {
    throw new Error(`${String(error)} The last answer was ${last?.status} ${JSON.stringify(last?.json)}.`);
  });
  if (!last) throw new Error('Nothing was asked.');
  return last;
}

/** Waits until something is so, for at most a minute if not told otherwise: a busy machine takes its time. */
export async function until(isSo: () => Promise<boolean> | boolean, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`It is not so after ${withinMs} ms: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
