import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../../local/stack/server-process.ts';
import { bundleService } from '../../../services/bundle.ts';
import { identityHeader, signIdentity } from '../../../services/lib/identity-header.ts';
import { leastLimit } from '../../../services/lib/load-limit.ts';
import { until } from './caller.ts';
import { startGround } from './ground.ts';
import { type Answer, askAtRate, askTogether, openLeanClient } from './lean-client.ts';

const place = JSON.stringify({ pickup: { lat: 52.5, lon: 13.4 }, dropoff: { lat: 52.6, lon: 13.5 } });
/** Without load, and with too much of it: that it comes is part of it, and not all of it. */
const seconds = { calm: 15, overload: 60 };
/** As many as a load balancer keeps open to one target. */
const connections = 256;
const customer = {
  id: '00000000-0000-7000-8000-000000000001',
  ...{ org: 'public', role: 'customer' as const, permissions: [] },
};

/**
 * Places orders at three times the rate that one process of `order` can take, and tells what that did to those that were
 * accepted, to its memory and to `/health`. The process has one core for itself; the clients, PostgreSQL, Redis and NATS
 * have the other. Says whether the bars hold: accepted p99 at most five times the p99 without load, at least 70 % of the
 * capacity accepted, memory at most 64 MB more, `/health` always 200.
 */
export async function soakOverload(tell: (line: string) => void): Promise<boolean> {
  // What is started from here on inherits it.
  pin(process.pid, 1);
  const folder = await mkdtemp(join(tmpdir(), 'overload-'));
  const bundle = join(folder, 'main.cjs');
  const ground = await startGround();
  await Promise.all([
    ground.migrate('order'),
    bundleService('order', join(import.meta.dirname, '../../../services'), bundle),
  ]);
  const instance = await start(bundle, {
    ...{ AWS_REGION: 'us-east-1', DRAIN_DELAY_MS: '0', UPLOADS_BUCKET: 'uploads', LOG_LEVEL: 'warn' },
    DATABASE_URL: `postgres://orders:password@127.0.0.1:${ground.postgres.port}/postgres`,
    ...{ REDIS_URL: ground.redis.url, NATS_URL: ground.nats.url, SERVICE_KEY: ground.serviceKey },
    JWKS_URL: 'http://127.0.0.1:1/.well-known/jwks.json',
  });
  try {
    pin(instance.pid, 0);
    const client = await openLeanClient(
      {
        ...{ url: `${instance.url}/orders`, method: 'POST', body: place },
        headers: {
          'content-type': 'application/json',
          // Good until all has been played.
          [identityHeader]: signIdentity(customer, ground.serviceKey, Date.now() + 10 * 60_000),
        },
      },
      connections,
    );
    await askTogether(client, { count: leastLimit, seconds: 5 });
    const alone = await askAtRate(client, { rate: 50, seconds: seconds.calm });
    // So many keep the process busy, and none of them is refused.
    const most = await askTogether(client, { count: leastLimit, seconds: 5 });
    const capacity = acceptedOf(most).length / 5;
    const before = memoryOf(instance);
    const health: Answer[] = [];
    const asking = new AbortController();
    const watching = watchHealth(instance.url, health, asking.signal);
    const late = monitorEventLoopDelay({ resolution: 1 });
    late.enable();
    const answers = await askAtRate(client, { rate: 3 * capacity, seconds: seconds.overload });
    late.disable();
    asking.abort();
    await watching;
    client.close();
    const accepted = acceptedOf(answers);
    const [calm, busy] = [p99(alone), p99(accepted)];
    const share = accepted.length / seconds.overload / capacity;
    const grown = memoryOf(instance) - before;
    const strange = answers.filter(({ status }) => status !== 201 && status !== 503);
    tell(`alone: p99 ${calm.toFixed(1)} ms; capacity ${Math.round(capacity)}/s`);
    tell(
      `at 3 × capacity: ${Math.round(accepted.length / seconds.overload)}/s accepted, ${Math.round(100 * share)} % of it`,
    );
    tell(`p99 ${busy.toFixed(1)} ms, ${(busy / calm).toFixed(1)} × that alone`);
    const others =
      strange.length > 0 ? ` (${[...new Set(strange.map(({ status }) => status))].join(', ')})` : '';
    tell(`${answers.length} asked, ${strange.length} neither 201 nor 503${others}`);
    tell(
      `memory ${grown.toFixed(0)} MB more; /health ${health.length} times, p99 ${p99(health).toFixed(1)} ms`,
    );
    tell(`the clients' own event loop is late by ${(late.percentile(99) / 1e6 - 1).toFixed(1)} ms at p99`);
    const isWell = health.length > 0 && health.every(({ status }) => status === 200);
    return busy <= 5 * calm && share >= 0.7 && grown <= 64 && isWell && strange.length === 0;
  } finally {
    instance.child.kill('SIGKILL');
    await once(instance.child, 'close');
    await ground.stop();
    await rm(folder, { recursive: true });
  }
}

const acceptedOf = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 201);

interface Instance {
  readonly url: string;
  readonly pid: number;
  readonly child: ChildProcess;
}

/** As the image starts it. */
const imageOptions = ['--max-semi-space-size=4', '--v8-pool-size=1'];

/** Runs the bundle with its output thrown away: who reads it would be slow, and a service that logs waits for them. */
async function start(bundle: string, environment: Record<string, string>): Promise<Instance> {
  const port = await freePort();
  const env = { ...environment, PORT: String(port) };
  const child = spawn(process.execPath, [...imageOptions, bundle], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  await until(
    () =>
      fetch(`${url}/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    30_000,
  );
  return { url, pid: child.pid ?? 0, child };
}

/** All threads of a process on one core. */
function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' });
}

/** Resident memory in MB. */
function memoryOf({ pid }: Instance): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function watchHealth(base: string, health: Answer[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const began = performance.now();
    const status = await fetch(`${base}/health`).then(
      (answer) => answer.status,
      () => 0,
    );
    health.push({ status, ms: performance.now() - began });
    await wait(200);
  }
}

function p99(answers: readonly Answer[]): number {
  const times = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)] ?? Number.POSITIVE_INFINITY;
}
