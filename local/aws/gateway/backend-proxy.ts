import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorCodeOf } from '../error-code.ts';
import { AwsFault } from '../fault.ts';

/** Headers that belong to one connection and are not passed on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'expect', 'keep-alive', 'proxy-connection', 'te', 'upgrade']);

export type ForwardOptions = {
  /** Base URL of the back end, e.g. `http://127.0.0.1:5000`. */
  backend: string;
  /** The caller's account: moto files what it keeps under it, whatever the access key. */
  accountId: string;
  /** The body, where it has been read already; else it is streamed from the request. */
  body?: string;
  /** Whether the answer gets lost: nothing of it is passed back. */
  losesAnswer?: boolean;
};

/**
 * Passes a request to the back end and its answer back, both as streams, with the caller's `Host`
 * (which queue URLs are made from). Gives the status. Throws an `AwsFault` as long as nothing has been
 * answered. A caller who leaves before the answer ends the request: the back end hears of it as AWS does.
 */
export async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: ForwardOptions,
): Promise<number> {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  outgoing.once('close', leave);
  const answer = await send(incoming, options, leaving.signal).catch((error: unknown) => {
    throw unreachable(options.backend, error);
  });
  outgoing.off('close', leave);
  const status = answer.statusCode ?? 502;
  if (options.losesAnswer) {
    answer.resume();
    return status;
  }
  outgoing.writeHead(status, passedOn(answer.headers));
  // A peer that goes away in the middle ends both streams; there is nobody left to tell.
  await pipeline(answer, outgoing).catch(() => undefined);
  return status;
}

function send(
  incoming: IncomingMessage,
  options: ForwardOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const base = new URL(options.backend);
  return new Promise((resolve, reject) => {
    const upstream = request({
      host: base.hostname,
      port: base.port,
      method: incoming.method,
      path: incoming.url,
      headers: { ...passedOn(incoming.headers), 'x-moto-account-id': options.accountId },
      agent: false,
      signal,
    });
    upstream.on('response', resolve);
    upstream.on('error', reject);
    const body = options.body === undefined ? incoming : Readable.from([Buffer.from(options.body)]);
    pipeline(body, upstream).catch(reject);
  });
}

function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}

function unreachable(backend: string, error: unknown): AwsFault {
  const cause = errorCodeOf(error) ?? String(error);
  return new AwsFault(
    'ServiceUnavailable',
    `The back end of the local AWS at ${backend} does not answer (${cause}); it serves everything but ECS, ECR, ELBv2, STS, Application Auto Scaling and IAM's simulator.`,
    503,
  );
}
