/**
 * `npm run dev -w services`: the platform on this machine, its services as one process that starts again when a source
 * changes. Ends everything on Ctrl-C. `PORT` chooses the port (3000), `BUS=memory` does without NATS.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryFolder } from '../machine/machine.ts';
import { MachineError } from '../machine/machine-error.ts';
import { type PlatformGround, startPlatformGround } from './platform-ground.ts';
import { firstManager, type Seed, seedPlatform } from './seed.ts';
import { isFree } from './server-process.ts';

const main = join(repositoryFolder, 'services', 'main.ts');
const bus = process.env.BUS === 'memory' ? 'memory' : 'nats';
const port = process.env.PORT ?? '3000';
const base = `http://127.0.0.1:${port}`;
const note = (line: string) => console.error(line);

const stop = new AbortController();
process.on('SIGINT', () => stop.abort()).on('SIGTERM', () => stop.abort());

/** Says what cannot be done, before anything is started: whatever has the port already would be taken for ours. */
async function findFault(): Promise<string | undefined> {
  if (process.argv.length > 2)
    return `${process.argv.slice(2).join(' ')}: arguments are not taken; settings are variables, as in PORT=3100 npm run dev -w services.`;
  if (!['nats', 'memory', undefined].includes(process.env.BUS))
    return `BUS is "${process.env.BUS}": expected nats (which it is by itself) or memory.`;
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    return `PORT is "${port}": expected a number from 1 to 65535.`;
  if (!(await isFree(Number(port))))
    return `Port ${port} is taken: end what listens there, or choose another one, as in PORT=3100 npm run dev -w services.`;
  return undefined;
}

async function dev(): Promise<void> {
  note(`starting PostgreSQL, Redis, ${bus === 'nats' ? 'NATS, ' : ''}the local AWS …`);
  const ground = await startPlatformGround({ bus, log: note });
  try {
    if (!stop.signal.aborted) await serve(ground);
  } finally {
    note('stopping …');
    await ground.stop();
  }
}

async function serve(ground: PlatformGround): Promise<void> {
  const env = {
    ...process.env,
    ...ground.environment,
    SERVICE: 'all',
    PORT: port,
    FIRST_MANAGER: `${firstManager.email}:${firstManager.password}`,
    // They are asked for until they are there.
    LOGINS_PER_MINUTE: '1000',
    DRAIN_DELAY_MS: '0',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
  };
  const migration = spawn(process.execPath, [main, 'migrate'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if ((await exitOf(migration)) !== 0) throw new Error(`The schemas were not migrated; see ${main} migrate.`);
  // A group of its own: Ctrl-C in a terminal is ours to pass on, once.
  const services = spawn(process.execPath, ['--watch', '--watch-preserve-output', main], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const ended = exitOf(services);
  try {
    await Promise.race([tell(ground), ended.then(() => fail('The services ended; their log is above.'))]);
    await Promise.race([once(stop.signal, 'abort'), ended]);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    services.kill('SIGTERM');
    await ended;
  }
}

/** Waits until the services are ready, fills them and says where everything is. */
async function tell(ground: PlatformGround): Promise<void> {
  for (;;) {
    stop.signal.throwIfAborted();
    const answer = await fetch(`${base}/ready`).catch(() => undefined);
    if (answer?.ok) break;
    await sleep(200);
  }
  for (const line of renderPlatform(ground, await seedPlatform(base))) console.log(line);
}

function renderPlatform({ urls }: PlatformGround, { people, password, orderId }: Seed): string[] {
  const login = JSON.stringify({ email: people[0], password });
  return [
    '',
    `The platform answers at ${base}`,
    '',
    `  checks      ${base}/ready`,
    `  metrics     ${base}/metrics`,
    `  interface   ${base}/openapi.json`,
    ...Object.entries(urls).map(([name, url]) => `  ${name.padEnd(11)} ${url}`),
    '',
    `  people      ${people.join(', ')}`,
    `  password    ${password}`,
    `  order       ${orderId}`,
    `  log in      curl -s ${base}/auth/login -H 'content-type: application/json' -d '${login}'`,
    `  watch       curl -sN '${base}/events?topics=dashboard,order:${orderId}' -H "authorization: Bearer $TOKEN"`,
    `  see it all  curl -s ${base}/bff/orders/${orderId} -H "authorization: Bearer $TOKEN"`,
    '',
    'TOKEN is the accessToken of the answer to the login. Dispatch gives the order to the nearest driver.',
    'The services start again when a source changes. Ctrl-C ends everything.',
  ];
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

function fail(message: string): never {
  throw new Error(message);
}

const fault = await findFault();
if (fault !== undefined) {
  note(`berth: ${fault}`);
  process.exit(2);
}
await dev().catch((error: unknown) => {
  if (!(error instanceof MachineError)) throw error;
  note(`berth: ${error.message}`);
  if (bus === 'nats') note('Without NATS: BUS=memory npm run dev -w services');
  process.exitCode = 1;
});
