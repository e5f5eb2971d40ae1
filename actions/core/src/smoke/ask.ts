import { Agent, request } from 'undici';
import type { Check, Reply } from './check.ts';

/** More of a body than this is not read: no check needs it, and a runner's memory is not the service's. */
const BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * Sends one request on a connection of its own, so that each lands on a target of the load balancer's choosing.
 * Never throws: what goes wrong is a reply of its own kind. Redirects are not followed.
 */
export async function ask(check: Check, signal: AbortSignal): Promise<Reply> {
  const { method, url, headers, body, timeoutMs } = check;
  const agent = new Agent({ connect: { timeout: timeoutMs }, pipelining: 0 });
  let connected = false;
  agent.on('connect', () => {
    connected = true;
  });
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const answer = await request(url, {
      method,
      headers,
      body: body ?? null,
      dispatcher: agent,
      reset: true,
      signal: limit,
    });
    const text = await readBody(answer.body);
    return { kind: 'answer', status: answer.statusCode, headers: plainHeaders(answer.headers), body: text };
  } catch (error) {
    return failureOf(error, connected, check);
  } finally {
    await agent.destroy();
  }
}

async function readBody(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= BODY_LIMIT_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, BODY_LIMIT_BYTES).toString('utf8');
}

function plainHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), [value].flat().join(', ')]],
    ),
  );
}

function failureOf(error: unknown, connected: boolean, { url, timeoutMs }: Check): Reply {
  const { host } = new URL(url);
  const { name = '', code = '', message = '' } = error as { name?: string; code?: string; message?: string };
  if (name === 'TimeoutError' || /TIMEOUT/.test(code)) {
    const reason = connected ? `no answer from ${host} within` : `no connection to ${host} within`;
    return { kind: connected ? 'silent' : 'unreachable', reason: `${reason} ${timeoutMs} ms` };
  }
  const reasons: Record<string, string> = {
    ECONNREFUSED: `connection to ${host} refused`,
    ENOTFOUND: `the name ${host} is not known`,
    EAI_AGAIN: `the name ${host} cannot be resolved now`,
    ECONNRESET: `${host} closed the connection without an answer`,
    UND_ERR_SOCKET: `${host} closed the connection without an answer`,
  };
  return {
    kind: connected ? 'silent' : 'unreachable',
    reason: reasons[code] ?? `${host}: ${message || code || name}`,
  };
}
