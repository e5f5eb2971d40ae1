import { Pool } from 'undici';

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

/**
 * Sends `count` POST requests and resolves when all are answered. Throws at the first answer with another status.
 *
 * By undici, at two thirds of the processor time of `node:http`: a client that is slower than what it measures hands its
 * requests over one by one, and each wakes a server that would else find several at once.
 */
export async function sendLoad({ url, headers, body, connections, count, status }: Load): Promise<void> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const request = {
    path: pathname,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  } as const;
  const send = async () => {
    const answer = await pool.request(request);
    await answer.body.dump();
    if (answer.statusCode !== status) throw new Error(`${url} answered ${answer.statusCode}, not ${status}.`);
  };
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      await send();
    }
  };
  await Promise.all(Array.from({ length: connections }, work)).finally(() => pool.destroy());
}
