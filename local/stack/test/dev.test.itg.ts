import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { freePort } from '../server-process.ts';
import { accepts } from './accepts.ts';

const dev = join(import.meta.dirname, '../dev.ts');

test.each([
  ['NATS', 'nats'],
  ['no NATS at all', 'memory'],
])(
  'the platform starts with %s, is filled, can be logged in to, and leaves nothing behind',
  async (_with, bus) => {
    const port = await freePort();
    const child = spawn(process.execPath, [dev], {
      env: { ...process.env, PORT: String(port), BUS: bus, LOG_LEVEL: 'error' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line.includes('Ctrl-C')) break;
    }
    const printed = lines.join('\n');
    expect(printed).toContain(`The platform answers at http://127.0.0.1:${port}`);

    const [, url = '', body = ''] = /curl -s (\S+) .* -d '(.*)'/.exec(printed) ?? [];
    const login = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { accessToken } = (await login.json()) as { accessToken: string };
    const headers = { authorization: `Bearer ${accessToken}` };
    const base = `http://127.0.0.1:${port}`;
    const id = / order +(\S+)/.exec(printed)?.[1];
    const read = async (path: string) => (await fetch(base + path, { headers })).json();
    expect(await read('/drivers')).toMatchObject({ items: { length: 5 } });
    // Dispatch has given it to the driver who was nearest, or is about to.
    const assigned = { order: { id, status: 'assigned', driverId: expect.any(String) }, failed: [] };
    const view = () => read(`/bff/orders/${id}`) as Promise<{ order?: { status: string } }>;
    const end = Date.now() + 30_000;
    while ((await view()).order?.status !== 'assigned' && Date.now() < end) await sleep(100);
    expect(await view()).toMatchObject(assigned);
    expect(printed).toContain(`${base}/events?topics=dashboard,order:${id}`);
    const events = await fetch(`${base}/events?topics=dashboard,order:${id}`, { headers });
    expect(events.headers.get('content-type')).toMatch(/^text\/event-stream/);
    await events.body?.cancel();

    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    const ports = [...printed.matchAll(/127\.0\.0\.1:(\d+)/g)].map((match) => Number(match[1]));
    expect(new Set(ports).size).toBe(bus === 'nats' ? 5 : 4);
    expect(await Promise.all(ports.map(accepts))).not.toContain(true);
  },
);

test.each([
  [
    'a port that is taken',
    (taken: number) => ({ PORT: `${taken}` }),
    /^berth: Port \d+ is taken: .*PORT=3100/,
  ],
  [
    'a port that is none',
    () => ({ PORT: '70000' }),
    /^berth: PORT is "70000": expected a number from 1 to 65535/,
  ],
  [
    'a bus that it does not know',
    () => ({ BUS: 'kafka' }),
    /^berth: BUS is "kafka": expected nats .* or memory/,
  ],
])('%s is refused before anything is started', async (_what, settings, sentence) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const child = spawn(process.execPath, [dev], {
    env: { ...process.env, ...settings(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(said).toMatch(sentence);
  expect(said.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(2);
  other.close();
});
