import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../../local/stack/server-process.ts';
import { bundleService } from '../../../services/bundle.ts';
import { identityHeader, signIdentity } from '../../../services/lib/identity-header.ts';
import { leastLimit } from '../../../services/lib/load-limit.ts';
import { until } from './caller.ts';
import { startGround } from './ground.ts';

interface Answer {
  status: number;
  ms: number;
}

const seconds = 15;
const place = JSON.stringify({ pickup: { lat: 52.5, lon: 13.4 }, dropoff: { lat: 52.6, lon: 13.5 } });
const customer = {
  id: '00000000-0000-7000-8000-000000000001',
  ...{ org: 'public', role: 'customer' as const, permissions: [] },
};

/**
 * Places orders at three times the rate that one process of `order` can take, the process on one core and the clients
 * on another, and tells what that did to those that were accepted, to its memory and to `/health`. Says whether the
 * bars hold: accepted p99 at most five times the p99 without load, memory at most 64 MB more, `/health` always 200.
 */
export async function soakOverload(tell: (line: string) => void): Promise<boolean> {
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
    pin(process.pid, 1);
    const identity = signer(ground.serviceKey);
    const ask = (agent: Agent) => post(`${instance.url}/orders`, agent, { [identityHeader]: identity() });
    await together(leastLimit, 2, ask);
    const alone = await atRate(50, seconds, ask);
    const most = await together(leastLimit, 5, ask);
    const capacity = most.filter(({ status }) => status === 201).length / 5;
    const before = memoryOf(instance);
    const health: Answer[] = [];
    const asking = new AbortController();
    const watching = watchHealth(instance.url, health, asking.signal);
    const answers = await atRate(capacity * 3, seconds, ask);
    asking.abort();
    await watching;
    const accepted = answers.filter(({ status }) => status === 201);
    const [calm, busy] = [p99(alone), p99(accepted)];
    const grown = memoryOf(instance) - before;
    const strange = answers.filter(({ status }) => status !== 201 && status !== 503).length;
    tell(`alone: p99 ${calm.toFixed(1)} ms; capacity ${Math.round(capacity)}/s`);
    tell(`at 3 × capacity: ${Math.round(accepted.length / seconds)}/s accepted, p99 ${busy.toFixed(1)} ms`);
    tell(
      `${(busy / calm).toFixed(1)} × the p99 alone; ${answers.length} asked, ${strange} neither 201 nor 503`,
    );
    tell(
      `memory ${grown.toFixed(0)} MB more; /health ${health.length} times, p99 ${p99(health).toFixed(1)} ms`,
    );
    const isWell = health.length > 0 && health.every(({ status }) => status === 200);
    return busy <= 5 * calm && grown <= 64 && isWell && strange === 0;
  } finally {
    instance.child.kill('SIGKILL');
    await once(instance.child, 'close');
    await ground.stop();
    await rm(folder, { recursive: true });
  }
}

interface Instance {
  readonly url: string;
  readonly pid: number;
  readonly child: ChildProcess;
}

/** Runs the bundle with its output thrown away: who reads it would be slow, and a service that logs waits for them. */
async function start(bundle: string, environment: Record<string, string>): Promise<Instance> {
  const port = await freePort();
  const env = { ...environment, PORT: String(port) };
  const child = spawn(process.execPath, [bundle], { env, stdio: ['ignore', 'ignore', 'inherit'] });
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

/** Signs once in half a minute: the clients must not be what is slow. */
function signer(key: string): () => string {
  let signed = { text: '', at: 0 };
  return () => {
    const now = Date.now();
    if (now - signed.at > 30_000) signed = { text: signIdentity(customer, key, now), at: now };
    return signed.text;
  };
}

function post(url: string, agent: Agent, headers: Record<string, string>): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve) => {
    const end = (status: number) => resolve({ status, ms: performance.now() - began });
    const outgoing = request(url, {
      ...{ agent, method: 'POST', timeout: 10_000 },
      headers: { ...headers, 'content-type': 'application/json', 'content-length': place.length },
    });
    outgoing.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => end(answer.statusCode ?? 0));
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => end(0));
    outgoing.end(place);
  });
}

/** Each of so many clients asks again when it has been answered. */
async function together(clients: number, forSeconds: number, ask: (agent: Agent) => Promise<Answer>) {
  const agent = new Agent({ keepAlive: true });
  const answers: Answer[] = [];
  const end = performance.now() + forSeconds * 1_000;
  const work = async () => {
    while (performance.now() < end) answers.push(await ask(agent));
  };
  await Promise.all(Array.from({ length: clients }, work));
  agent.destroy();
  return answers;
}

/** Asks so often a second, whether the others have been answered or not. */
async function atRate(rate: number, forSeconds: number, ask: (agent: Agent) => Promise<Answer>) {
  // As a load balancer does, which opens no connection for a request while it has one.
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const answers: Promise<Answer>[] = [];
  const began = performance.now();
  for (let passed = 0; passed < forSeconds; passed = (performance.now() - began) / 1_000) {
    while (answers.length < passed * rate) answers.push(ask(agent));
    await wait(1);
  }
  const all = await Promise.all(answers);
  agent.destroy();
  return all;
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
