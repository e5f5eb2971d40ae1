import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ensureDockerEngine } from '../../local/machine/docker-engine.ts';
import { isRunning, type ProcessIdentity, tryIdentify } from '../../local/machine/process-identity.ts';

const program = join(import.meta.dirname, '..', 'berth.mjs');
const started: ChildProcess[] = [];

/** Starts `berth local --json` and gives what it printed once everything answered. */
async function start(...flags: string[]) {
  const engine = await ensureDockerEngine();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, DOCKER_HOST: engine.host };
  const child = spawn(process.execPath, [program, 'local', '--json', ...flags], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => lines.push(line));
  await Promise.race([once(output, 'line'), once(child, 'exit')]);
  const aws: { endpoint: string; registry: string; dockerHost: string } = JSON.parse(lines[0] ?? '');
  return { child, aws, lines, engine };
}

async function endOf(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}

/** The processes that a process has started and that run still. Reads Linux's process table. */
function childrenOf({ pid }: ChildProcess): ProcessIdentity[] {
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return pids.flatMap((child) => tryIdentify(Number(child)) ?? []);
}

afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
    await endOf(child);
  }
});

describe('berth local', () => {
  test('prints one line of JSON once everything answers, and ends at SIGTERM', async () => {
    const { child, aws, lines, engine } = await start('--port', '0', '--time-scale', '0.5');
    expect(aws).toEqual({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      registry: aws.endpoint.replace('http://', ''),
      accountId: '123456789012',
      region: 'us-east-1',
      timeScale: 0.5,
      dockerHost: engine.host,
    });
    expect((await fetch(`${aws.endpoint}/v2/`)).status).toBe(401);
    const buckets = await fetch(aws.endpoint);
    expect(buckets.status).toBeLessThan(500);
    child.kill('SIGTERM');
    expect(await endOf(child)).toBe(0);
    expect(lines).toHaveLength(1);
    await expect(fetch(aws.endpoint)).rejects.toThrow('fetch failed');
    await engine.release();
  });

  test('runs beside another one that has its port', async () => {
    const first = await start('--port', '0');
    const port = first.aws.endpoint.split(':').at(-1) ?? '';
    const second = await start('--port', port);
    expect(second.aws.endpoint).not.toBe(first.aws.endpoint);
    for (const { aws } of [first, second]) expect((await fetch(`${aws.endpoint}/v2/`)).status).toBe(401);
    for (const { child } of [first, second]) child.kill('SIGINT');
    expect(await Promise.all([endOf(first.child), endOf(second.child)])).toEqual([0, 0]);
    await first.engine.release();
    await second.engine.release();
  });

  test('leaves no moto behind when it is killed, and starts again', async () => {
    const killed = await start('--port', '0');
    const moto = childrenOf(killed.child);
    expect(moto).toHaveLength(1);
    killed.child.kill('SIGKILL');
    await endOf(killed.child);
    while (moto.some(isRunning)) await setTimeout(20);
    const again = await start('--port', killed.aws.endpoint.split(':').at(-1) ?? '');
    expect(again.aws.endpoint).toBe(killed.aws.endpoint);
    again.child.kill('SIGTERM');
    expect(await endOf(again.child)).toBe(0);
    await killed.engine.release();
    await again.engine.release();
  });

  test('says in one sentence what it does not understand', async () => {
    const child = spawn(process.execPath, [program, 'local', '--prot', '1'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    expect(await endOf(child)).toBe(2);
    expect(Buffer.concat(chunks).toString()).toBe(
      'berth: "local" has no flag "--prot". Did you mean "--port"?\n',
    );
  });
});
