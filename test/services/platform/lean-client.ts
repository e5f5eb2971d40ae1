import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** One and the same request, sent again and again. */
export interface LeanRequest {
  url: string;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface Answer {
  /** 0 where the connection was lost. */
  status: number;
  /** From the moment it was asked to the end of the answer, waiting for a connection included. */
  ms: number;
}

/** Connections that ask; they cost so little that what is measured is the server's. */
export interface LeanClient {
  ask(): Promise<Answer>;
  close(): void;
}

/**
 * Opens so many connections and keeps them open; on each the next request is sent once the last is answered, as a load
 * balancer does. The bytes of the request are made once, and of an answer no more is read than its status and length.
 */
export async function openLeanClient(request: LeanRequest, connections: number): Promise<LeanClient> {
  const bytes = renderRequest(request);
  const idle: Connection[] = [];
  const waiting: Asked[] = [];
  const free = (connection: Connection): void => {
    const next = waiting.shift();
    if (next) connection.send(next);
    else idle.push(connection);
  };
  const { hostname, port } = new URL(request.url);
  const all = Array.from({ length: connections }, () => connect({ host: hostname, port: Number(port) }));
  await Promise.all(all.map((socket) => once(socket, 'connect')));
  for (const socket of all) idle.push(createConnection(socket, bytes, free));
  return {
    ask: () =>
      new Promise((answer) => {
        const asked = { at: performance.now(), answer };
        const connection = idle.pop();
        if (connection) connection.send(asked);
        else waiting.push(asked);
      }),
    close() {
      for (const socket of all) socket.destroy();
    },
  };
}

/** So many requests at once, each followed by the next when it has been answered. */
export async function askTogether(
  client: LeanClient,
  { count, seconds }: { count: number; seconds: number },
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const end = performance.now() + seconds * 1_000;
  const work = async () => {
    while (performance.now() < end) answers.push(await client.ask());
  };
  await Promise.all(Array.from({ length: count }, work));
  return answers;
}

/** So many requests a second, whether the others have been answered or not. */
export async function askAtRate(
  client: LeanClient,
  { rate, seconds }: { rate: number; seconds: number },
): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  const began = performance.now();
  for (let passed = 0; passed < seconds; passed = (performance.now() - began) / 1_000) {
    while (answers.length < passed * rate) answers.push(client.ask());
    await wait(1);
  }
  return Promise.all(answers);
}

/** A request that waits for a connection, or on one for its answer. */
interface Asked {
  readonly at: number;
  readonly answer: (answer: Answer) => void;
}

interface Connection {
  send(asked: Asked): void;
}

/** One that is lost answers 0, to what comes later too. */
function createConnection(socket: Socket, bytes: Buffer, free: (one: Connection) => void): Connection {
  let asked: Asked | undefined;
  let head = '';
  /** Bytes of the answer that are still to come; `undefined` until its head is there. */
  let missing: number | undefined;

  function end(status: number): void {
    const ended = asked;
    [asked, missing] = [undefined, undefined];
    if (!ended) return;
    ended.answer({ status, ms: performance.now() - ended.at });
    head = '';
    free(connection);
  }

  socket.on('data', (chunk) => {
    if (missing === undefined) {
      head += chunk.toString('latin1');
      const bodyAt = head.indexOf('\r\n\r\n') + 4;
      if (bodyAt < 4) return;
      missing = bodyAt + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]) - head.length;
    } else {
      missing -= chunk.length;
    }
    if (missing === 0) end(Number(head.slice(9, 12)));
    else if (!(missing > 0)) socket.destroy(new Error(`An answer of another length than it says: ${head}`));
  });
  socket.on('error', (error) => console.error(error.message));
  socket.on('close', () => end(0));
  const connection = {
    send(next: Asked): void {
      asked = next;
      if (socket.destroyed) setImmediate(end, 0);
      else socket.write(bytes);
    },
  };
  return connection;
}

function renderRequest({ url, method, headers, body }: LeanRequest): Buffer {
  const { host, pathname } = new URL(url);
  const all = { host, ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
