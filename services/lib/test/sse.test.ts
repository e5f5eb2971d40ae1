import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { createManualClock, type ManualClock } from '../../test/doubles/manual-clock.ts';
import { type EventStream, openEventStream } from '../sse.ts';

let app: FastifyInstance;
let clock: ManualClock;
let opened: Promise<EventStream>;
let socket: Socket;
let text: string;

beforeEach(async () => {
  clock = createManualClock();
  text = '';
  app = fastify();
  opened = new Promise((resolve) => {
    app.get('/', async (request, reply) => {
      reply.header('x-own', 'kept');
      resolve(openEventStream(request, reply, { heartbeatMs: 15_000, clock }));
    });
  });
  const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  socket = connect(Number(url.port), '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
});
afterEach(async () => {
  socket.destroy();
  await app.close();
});

async function untilText(part: string): Promise<void> {
  while (!text.includes(part)) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('events are written as the format wants them, with the headers that hooks have set', async () => {
  const stream = await opened;
  stream.send({ id: '7', event: 'order:1', data: 'first\nsecond' });
  stream.send({ data: 'third' });
  await untilText('third');
  expect(text).toContain('x-own: kept');
  expect(text).toContain('content-type: text/event-stream');
  expect(text).toContain('id: 7\nevent: order:1\ndata: first\ndata: second\n\n');
});

test('silence is filled with comments', async () => {
  await opened;
  await untilText(':\n\n');
  text = '';
  await clock.advance(15_000);
  await untilText(':\n\n');
});

test('an end is told, whoever makes it', async () => {
  const stream = await opened;
  const ended = new Promise((resolve) => stream.closed.addEventListener('abort', resolve));
  socket.destroy();
  await ended;
  expect(stream.closed.reason).toBe('ended');
  stream.send({ data: 'to nobody' });
  expect(clock.sleeping()).toBe(0);
});

test('a client that does not read is cut off', async () => {
  const stream = await opened;
  await untilText(':\n\n');
  socket.pause();
  for (let count = 0; count < 1_000 && !stream.closed.aborted; count += 1) {
    stream.send({ data: 'x'.repeat(100_000) });
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(stream.closed.reason).toBe('slow');
});
