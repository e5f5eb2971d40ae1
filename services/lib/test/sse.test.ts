import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { createManualClock, type ManualClock, settle } from '../../test/doubles/manual-clock.ts';
import { type EventStream, openEventStream } from '../sse.ts';

let app: FastifyInstance;
let clock: ManualClock;
let stream: EventStream;
let client: Socket;
let text: string;

beforeEach(async () => {
  app = fastify();
  clock = createManualClock();
  app.get('/events', async (request, reply) => {
    reply.header('x-frame-options', 'DENY');
    stream = openEventStream(request, reply, { heartbeatMs: 1_000, clock });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  text = '';
  client.on('data', (chunk) => {
    text += String(chunk);
  });
  client.on('error', () => undefined);
  client.write('GET /events HTTP/1.1\r\nhost: x\r\n\r\n');
  await shows('retry: 2000\n\n');
});
afterEach(async () => {
  stream.close();
  client.destroy();
  await app.close();
});

/** Waits until the client has read that. */
async function shows(part: string): Promise<void> {
  while (!text.includes(part)) await once(client, 'data');
}

test('is a stream that nothing buffers, with the headers set before', () => {
  const head = text.slice(0, text.indexOf('\r\n\r\n')).toLowerCase();
  expect(head).toContain('200 ok');
  expect(head).toContain('content-type: text/event-stream; charset=utf-8');
  expect(head).toContain('cache-control: no-store');
  expect(head).toContain('x-accel-buffering: no');
  expect(head).toContain('x-frame-options: deny');
});

test('sends events with their id and kind, and each line of their data as one', async () => {
  stream.send({ id: '7', event: 'update', data: 'two\nlines' });
  stream.send({ data: '1' });
  await shows('id: 7\nevent: update\ndata: two\ndata: lines\n\n');
  await shows('data: 1\n\n');
});

test('beats while it is quiet, and no longer than it is open', async () => {
  await clock.advance(2_500);
  while ((text.match(/^:\n/gm) ?? []).length < 2) await once(client, 'data');
  stream.close();
  await settle();
  expect(clock.sleeping()).toBe(0);
});

test('ends in order, once, and sends nothing after that', async () => {
  stream.close();
  stream.close();
  stream.send({ data: 'late' });
  await shows('0\r\n\r\n');
  expect(stream.closed.reason).toBe('ended');
  expect(text).not.toContain('late');
});

test('knows that the client has gone', async () => {
  client.destroy();
  await once(stream.closed, 'abort');
  expect(stream.closed.reason).toBe('gone');
});

test('drops a client that does not read', async () => {
  client.pause();
  const data = 'x'.repeat(100_000);
  for (let count = 0; count < 1_000 && !stream.closed.aborted; count += 1) {
    stream.send({ data });
    await settle();
  }
  expect(stream.closed.reason).toBe('slow');
});
