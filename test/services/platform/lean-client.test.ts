import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { askTogether, type LeanClient, openLeanClient } from './lean-client.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A client of a server that answers so. */
async function open(answer: RequestListener, connections: number): Promise<LeanClient> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`;
  const request = { url, method: 'POST', headers: { 'x-own': 'yes' }, body: '{"ä":1}' };
  const client = await openLeanClient(request, connections);
  ends.push(() => {
    client.close();
    server.close();
    server.closeAllConnections();
  });
  return client;
}

test('sends its request whole, and one after the other on a connection that stays open', async () => {
  const seen: string[] = [];
  const client = await open(async (request, response) => {
    const { method, url, headers, socket } = request;
    seen.push(`${method} ${url} ${headers['x-own']} ${await text(request)} ${socket.remotePort}`);
    response.writeHead(201, { 'content-length': 2 }).end('ok');
  }, 1);
  const answers = await Promise.all([client.ask(), client.ask(), client.ask()]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect(seen[0]).toMatch(/^POST \/orders yes \{"ä":1\} \d+$/);
  expect(new Set(seen).size).toBe(1);
});

test('reads an answer that comes in pieces, head and body', async () => {
  const client = await open((_request, response) => {
    const pieces = ['HTTP/1.1 503 Service Unavail', 'able\r\nContent-Length: 6\r\n\r\nabc', 'def'];
    const next = () => {
      const piece = pieces.shift();
      if (piece !== undefined) response.socket?.write(piece, () => setImmediate(next));
    };
    next();
  }, 1);
  expect(await client.ask()).toMatchObject({ status: 503 });
});

test('a lost connection is an answer of its own, now and later', async () => {
  const client = await open((request) => void request.socket.destroy(), 1);
  expect(await client.ask()).toMatchObject({ status: 0 });
  expect(await client.ask()).toMatchObject({ status: 0 });
});

test('keeps so many requests under way at once', async () => {
  let [now, most] = [0, 0];
  const client = await open((_request, response) => {
    now += 1;
    most = Math.max(most, now);
    setImmediate(() => {
      now -= 1;
      response.writeHead(200, { 'content-length': 0 }).end();
    });
  }, 8);
  const answers = await askTogether(client, { count: 3, seconds: 0.1 });
  expect(answers.length).toBeGreaterThan(2);
  expect(most).toBeLessThanOrEqual(3);
});
