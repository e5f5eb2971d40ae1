import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type PlatformGround, startPlatformGround } from '../../../local/stack/platform-ground.ts';
import { freePort } from '../../../local/stack/server-process.ts';
import { all, members } from '../../../services/all.ts';
import { bundleService } from '../../../services/bundle.ts';
import { emailConsumer } from '../../../services/email-consumer/config.ts';
import { gateway } from '../../../services/gateway/config.ts';
import { environmentOf } from '../../../services/lib/composition.ts';
import type { Environment } from '../../../services/lib/config.ts';
import type { ServiceDescription } from '../../../services/lib/service.ts';
import { percentile } from '../../measure.ts';
import type { Contestant, Fact, Goal } from '../contest.ts';
import { cpuMsOf } from '../server.ts';

/** What a service may take, alone and all of them as one process. */
const bars = { alone: { startMs: 1_500, idleMb: 120 }, all: { startMs: 6_000 } };
/** How long a service has had nothing to do when its memory is read. */
const idleMs = 2_000;
const sources = join(import.meta.dirname, '../../../services');

const alone: readonly ServiceDescription[] = [
  ...members.map(({ description }) => description).filter(({ name }) => name !== gateway.name),
  gateway,
  emailConsumer,
];
const names = [...alone.map(({ name }) => name), all.name];

/** From the start of an image's file to its first "ready", on PostgreSQL, Redis, NATS and the local AWS. */
export const start: Goal = {
  id: 'start',
  title: 'starts to ready',
  gates: [],
  async open() {
    const ground = await startPlatformGround({ bus: 'nats', log: console.log });
    const folder = await mkdtemp(join(tmpdir(), 'berth-start-'));
    // Whom the others ask for keys and orders; none of them needs an answer to be ready.
    const environment = { ...ground.environment, S3_BUCKET_NAME: 'uploads', LOG_LEVEL: 'error' };
    const memory = new Map<string, number[]>();
    const contestants: Contestant[] = [];
    const fileOf = (name: string) => join(folder, name, 'main.cjs');
    for (const name of names) await bundleService(name, sources, fileOf(name));
    await promisify(execFile)(process.execPath, [fileOf(all.name), 'migrate'], {
      env: { ...process.env, ...environment },
    });
    for (const name of names) {
      const file = fileOf(name);
      contestants.push({
        name,
        async play() {
          const port = await freePort();
          const started = await startUntilReady(file, settingsOf(name, environment, port), port);
          memory.set(name, [...(memory.get(name) ?? []), started.idleMb]);
          return { operations: 1, wallMs: started.wallMs, cpuMs: started.cpuMs };
        },
        stop: async () => undefined,
      });
    }
    return {
      contestants,
      facts: async (rounds) =>
        names.flatMap((name) => {
          const isAlone = name !== all.name;
          const walls = (rounds[name] ?? []).map(({ wallMs }) => wallMs);
          const cpus = (rounds[name] ?? []).map(({ cpuMs }) => cpuMs);
          const { startMs } = isAlone ? bars.alone : bars.all;
          const idle = isAlone ? bars.alone.idleMb : Number.POSITIVE_INFINITY;
          return [
            fact(`${name}: start, wall`, walls, 'ms', startMs),
            fact(`${name}: start, CPU`, cpus, 'ms', startMs),
            fact(`${name}: idle memory`, memory.get(name) ?? [], 'MB', idle),
          ];
        }),
      close: () => closeGround(ground, folder),
    };
  },
};

function settingsOf(name: string, environment: Environment, port: number): Environment {
  if (name === all.name) return { ...environment, SERVICE: name, PORT: String(port) };
  const description = alone.find((one) => one.name === name);
  if (description === undefined) throw new Error(`There is no service ${name}.`);
  const own = { ...environment, [description.portVariable]: String(port) };
  // What the SDK reads by itself is in none of the settings.
  return { ...environment, ...environmentOf({ description }, own, names, port) };
}

async function closeGround(ground: PlatformGround, folder: string): Promise<void> {
  await ground.stop();
  await rm(folder, { recursive: true });
}

/** Starts a bundle, waits until it is ready, leaves it alone and ends it. */
async function startUntilReady(file: string, settings: Environment, port: number) {
  const options = await imageOptions();
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...options, file], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}.`);
      await sleep(10);
    }
    const [wallMs, cpuMs] = [performance.now() - startedAt, await cpuMsOf(child)];
    await sleep(idleMs);
    return { wallMs, cpuMs, idleMb: await memoryOf(child) };
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** The options that the image gives Node: what stands between `node` and the file in the Dockerfile's CMD. */
async function imageOptions(): Promise<string[]> {
  const dockerfile = await readFile(join(sources, 'Dockerfile'), 'utf8');
  const command: string[] = JSON.parse(/^CMD (.*)$/m.exec(dockerfile)?.[1] ?? '[]');
  return command.slice(1, -1);
}

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok === true;
}

/** Resident memory, in megabytes (proc(5), VmRSS of `status`). */
async function memoryOf({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** `bar` is what the median may be at most; infinite for a figure that is only told. */
function fact(name: string, values: readonly number[], unit: string, bar: number): Fact {
  const [low, median, high] = [0, 50, 100].map((percent) => Math.round(percentile(values, percent)));
  return {
    name,
    value: `${median} (${low}–${high}) ${unit}`,
    bar: Number.isFinite(bar) ? `≤ ${bar} ${unit}` : '',
    holds: percentile(values, 50) <= bar,
  };
}
