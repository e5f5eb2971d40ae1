import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPrivateNames, type PrivateNames } from '../../private-names.ts';
import { type Gateway, openGateway } from '../gateway.ts';

let names: PrivateNames;
let gateway: Gateway;
let echo: Server;

beforeAll(async () => {
  names = createPrivateNames();
  gateway = await openGateway({ port: 0, names });
  echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  names.point('orders:3001', (echo.address() as AddressInfo).port);
  names.point('away:3002', 1);
});
afterAll(async () => {
  await gateway.stop();
  echo.close();
});

/** Asks for a tunnel and says something into it in one breath; gives all that comes back until it ends. */
async function through(name: string, words: string): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1');
  socket.end(`CONNECT ${name} HTTP/1.1\r\nHost: ${name}\r\n\r\n${words}`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

describe('a tunnel', () => {
  test('carries every byte both ways, and the end of each', async () => {
    const words = 'x'.repeat(1_000_000);
    expect(await through('orders:3001', words)).toBe(`HTTP/1.1 200 Connection Established\r\n\r\n${words}`);
  });

  test('is refused for a name that nobody gave, and where nobody listens', async () => {
    expect(await through('database:5432', 'hello')).toBe('HTTP/1.1 404 Not Found\r\n\r\n');
    expect(await through('away:3002', 'hello')).toBe('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });

  test('ends with the gateway', async () => {
    const other = await openGateway({ port: 0, names });
    const socket = connect(other.port, '127.0.0.1');
    socket.write('CONNECT orders:3001 HTTP/1.1\r\nHost: orders:3001\r\n\r\n');
    await once(socket, 'data');
    await Promise.all([other.stop(), once(socket, 'close')]);
  });
});

test.each(['Orders:3001', 'orders', 'orders:80', 'orders:70000', '127.0.0.1:3001'])(
  '%s is no private name',
  (name) => {
    expect(() => names.point(name, 1)).toThrow(/is no private name; write host:port/);
  },
);
