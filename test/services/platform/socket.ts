import { WebSocket } from 'ws';
import { until } from './caller.ts';

/** A driver's socket. */
export interface DriverSocket {
  readonly protocol: string;
  send(message: string): void;
  /** Sends a message and gives the next answer. */
  ask(message: unknown): Promise<unknown>;
  readonly closed: Promise<{ code: number; reason: string }>;
  close(): void;
}

/** Opens a socket with a token; rejects with the status of the answer when it is refused. */
export async function openSocket(
  base: string,
  token: string | undefined,
  options: { autoPong?: boolean } = {},
): Promise<DriverSocket> {
  const url = `${base.replace('http', 'ws')}/tracking/ws`;
  const socket = new WebSocket(url, token === undefined ? [] : ['bearer', token], options);
  const answers: unknown[] = [];
  socket.on('message', (data) => answers.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  return {
    protocol: socket.protocol,
    closed,
    send: (message) => socket.send(message),
    async ask(message) {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
      await until(() => answers.length > 0);
      return answers.shift();
    },
    close: () => socket.close(),
  };
}
