import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { errorCodeOf } from '../../error-code.ts';
import type { TargetRecord } from '../records.ts';
import { answerOwn, type Dress } from './answers.ts';
import { endToEndHeaders, type Forwarding, targetHeaders } from './headers.ts';
import { type IdleWatchOptions, watchIdle } from './idle-watch.ts';
import type { AnswerCookies } from './stickiness.ts';
import { joinSockets } from './tunnel.ts';

/** How an exchange ended, told once. */
export type ExchangeEnd =
  | { by: 'target'; status: number; targetSeconds: number }
  | { by: 'load-balancer'; status: number; isConnectionError: boolean };

/** One request on its way to one target. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  target: TargetRecord;
  /** Where the target listens on this machine; `undefined` is answered 502, as a refused connection is. */
  address: { host: string; port: number } | undefined;
  forwarding: Forwarding;
  idle: Omit<IdleWatchOptions, 'signal'>;
  cookies: AnswerCookies;
  dress: Dress;
  ended(end: ExchangeEnd): void;
}

/** Not sent to anybody: the client went away before there was an answer. */
const CLIENT_CLOSED = 460;

/**
 * Sends a request to its target and streams the answer back.
 *
 * Each request has a connection of its own, so that a target that closes idle connections while it shuts
 * down never resets a request. 502 when the connection is refused or reset or the answer is malformed, 504
 * when nothing moves for the idle time; after the answer has begun, both cut the client's connection.
 */
export function forward(exchange: Exchange): void {
  const upstream = openUpstream(exchange);
  if (!upstream) {
    answerOwn(exchange.response, 502, exchange.dress);
    exchange.ended({ by: 'load-balancer', status: 502, isConnectionError: true });
    return;
  }
  const { touch } = oversee(exchange, upstream);
  exchange.request.on('data', touch);
  exchange.request.pipe(upstream);
}

/**
 * Sends a request that asks for another protocol. A target that agrees (101) is joined to the client byte
 * by byte until one side closes, the idle time passes, or the target's deregistration delay ends.
 */
export function forwardUpgrade(exchange: Exchange, socket: Socket, head: Buffer): void {
  const upstream = openUpstream(exchange);
  if (!upstream) {
    answerOwn(exchange.response, 502, exchange.dress);
    exchange.ended({ by: 'load-balancer', status: 502, isConnectionError: true });
    return;
  }
  const { upgraded } = oversee(exchange, upstream);
  upstream.on('upgrade', (answer: IncomingMessage, targetSocket: Socket, targetHead: Buffer) => {
    upgraded();
    exchange.response.detachSocket(socket);
    socket.write(statusAndHeaders(answer, exchange.cookies));
    targetSocket.write(head);
    socket.write(targetHead);
    joinSockets(socket, targetSocket, exchange);
  });
  upstream.end();
}

function openUpstream({ request, address, forwarding }: Exchange): ClientRequest | undefined {
  if (!address) return undefined;
  return httpRequest({
    ...address,
    method: request.method,
    path: request.url,
    headers: targetHeaders(request.rawHeaders, forwarding),
    agent: false,
  });
}

/**
 * Sees to every end an exchange can have. `touch` is to be called when bytes of the request move; `upgraded`
 * ends the oversight without touching either side.
 */
function oversee(exchange: Exchange, upstream: ClientRequest) {
  const { request, response, target, idle, dress, ended } = exchange;
  const over = new AbortController();
  const startedAt = idle.now();
  let answered = false;
  const cut = () => void upstream.destroy();
  const byTarget = (status: number) =>
    ended({ by: 'target', status, targetSeconds: (idle.now() - startedAt) / 1000 });
  const fail = (status: 502 | 504, error?: unknown) => {
    if (over.signal.aborted) return;
    over.abort();
    answerOwn(response, status, dress);
    const isConnectionError = errorCodeOf(error) === 'ECONNREFUSED';
    if (!answered) ended({ by: 'load-balancer', status, isConnectionError });
    cut();
  };
  const touch = watchIdle({ ...idle, signal: over.signal }, () => fail(504));
  target.underWay.add(cut);
  upstream.on('response', (answer) => {
    if (!isFinalStatus(answer.statusCode)) {
      fail(502);
      return;
    }
    answered = true;
    byTarget(answer.statusCode ?? 502);
    answer.on('data', touch);
    answer.on('error', () => fail(502));
    answer.on('end', cut);
    sendAnswer(answer, exchange);
    touch();
  });
  // Once the answer has begun its own stream tells how it ends: a target may answer early and stop reading.
  upstream.on('error', (error) => {
    if (!answered) fail(502, error);
  });
  upstream.on('close', () => {
    if (!answered) fail(502);
    target.underWay.delete(cut);
    // What the target no longer reads is read and dropped, so that the client comes to the answer's end.
    request.unpipe(upstream);
    request.resume();
  });
  response.on('close', () => {
    if (!answered && !over.signal.aborted) {
      ended({ by: 'load-balancer', status: CLIENT_CLOSED, isConnectionError: false });
    }
    over.abort();
    cut();
  });
  const upgraded = () => {
    over.abort();
    byTarget(101);
  };
  return { touch, upgraded };
}

const isFinalStatus = (status = 0) => status >= 200 && status <= 599;

/**
 * Streams an answer to the client. It ends no sooner than the request: a client that is still sending its
 * body when the connection closes would see a reset instead of the answer.
 */
function sendAnswer(answer: IncomingMessage, { request, response, cookies, dress }: Exchange): void {
  const headers = [...endToEndHeaders(answer.rawHeaders), ...cookieHeaders(answer, cookies)];
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, dress(headers));
  answer.pipe(response, { end: false });
  answer.on('end', () => {
    if (request.readableEnded) response.end();
    else request.once('end', () => response.end());
  });
}

const cookieHeaders = ({ rawHeaders }: IncomingMessage, cookies: AnswerCookies) =>
  cookies(rawHeaders).flatMap((cookie) => ['Set-Cookie', cookie]);

function statusAndHeaders(answer: IncomingMessage, cookies: AnswerCookies): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  const headers = [...answer.rawHeaders, ...cookieHeaders(answer, cookies)];
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
