import { Agent, request } from 'node:http';

export interface Load {
  url: string;
  headers?: Readonly<Record<string, string>>;
  body: string;
  /** Requests in flight at once, each on a connection of its own that is kept alive. */
  connections: number;
  count: number;
  /** The only right status. */
  status: number;
}

/** Sends `count` POST requests and resolves when all are answered. Throws at the first answer with another status. */
export async function sendLoad({ url, headers, body, connections, count, status }: Load): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let left = count;
  const send = () =>
    new Promise<void>((resolve, reject) => {
      const outgoing = request(url, {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      });
      outgoing.on('response', (answer) => {
        answer.resume();
        answer.on('end', () => {
          if (answer.statusCode === status) resolve();
          else reject(new Error(`${url} answered ${answer.statusCode}, not ${status}.`));
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  const work = async () => {
    while (left > 0) {
      left -= 1;
      await send();
    }
  };
  await Promise.all(Array.from({ length: connections }, work)).finally(() => agent.destroy());
}
