import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that keeps its connection open as long as the server does, and writes requests as they stand. */
export interface RawClient {
  /** Writes a whole request and resolves with the status of its answer once the body has come in full. */
  send(request: Buffer): Promise<number>;
  close(): void;
}

/** What of an answer the client looks at. */
export interface Answer {
  status: number;
  /** The server ends the connection after it. */
  closes: boolean;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Makes a client of 127.0.0.1 for one request at a time. Answers must have a `content-length`; one without it,
 * and a connection that ends in the middle, reject. It parses no more than it must: the server is measured.
 */
export function createRawClient(port: number): RawClient {
  let socket: Socket | undefined;
  return {
    async send(request) {
      socket ??= await open(port);
      const { status, closes } = await exchange(socket, request);
      if (closes) {
        socket.destroy();
        socket = undefined;
      }
      return status;
    },
    close: () => void socket?.destroy(),
  };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function exchange(socket: Socket, request: Buffer): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let received: Buffer = Buffer.alloc(0);
  const take = (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    try {
      const answer = completeAnswer(received);
      if (answer !== undefined) resolve(answer);
    } catch (error) {
      reject(error);
    }
  };
  const fail = () => reject(new Error('The connection ended before the answer was there in full.'));
  socket.on('data', take).on('error', reject).on('close', fail);
  socket.write(request);
  return promise.finally(() => void socket.off('data', take).off('error', reject).off('close', fail));
}

/** An answer that is there in full; `undefined` while more of it is to come. */
export function completeAnswer(received: Buffer): Answer | undefined {
  const end = received.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = received.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`The answer has no content-length: ${head}`);
  if (received.length < end + HEAD_END.length + Number(length)) return undefined;
  return { status: Number(head.slice(9, 12)), closes: /\r\nconnection: *close/i.test(head) };
}
