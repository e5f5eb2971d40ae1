import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { lstat, mkdir, open, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chooseBridgeAddress } from './bridge-subnet.ts';
import { answers } from './docker-client.ts';
import { endProcesses, unmountBelow } from './engine-leftovers.ts';
import type { Machine } from './machine.ts';
import { MachineError } from './machine-error.ts';
import { isRunning, type ProcessIdentity, tryIdentify } from './process-identity.ts';
import { lastLines, runProgram } from './run-program.ts';

/** What is written down of a running engine, so that another process can end it. */
export interface EngineRecord {
  daemon: ProcessIdentity;
  /** Files and folders outside our own that the daemon is going to make, absent before it started. */
  traces: string[];
}

const startMs = 30_000;
const stopMs = 20_000;
const pollMs = 100;

/** Where dockerd and its client library put something whatever it is told. */
const possibleTraces = ['/etc/docker/key.json', '/etc/docker', '/run/docker/plugins', '/run/docker'];

/** Address of the engine that lives in `folder`. */
export function engineHost(folder: string): string {
  return `unix://${join(folder, 'docker.sock')}`;
}

/**
 * Starts a Docker engine of our own in `folder`, with its own socket, storage and bridge, and without
 * touching the firewall, as a process that outlives this one. Root on Linux only, under a lock.
 * Throws MACHINE_DOCKER_START with the daemon's own last words; nothing is left running then.
 */
export async function startEngine(folder: string, machine: Machine): Promise<void> {
  await assertOwnFolder(folder, machine.uid);
  const bridge = bridgeName(folder);
  await makeBridge(bridge);
  const traces = possibleTraces.filter((path) => !existsSync(path));
  for (const driver of [undefined, 'vfs'] as const) {
    const daemon = await spawnDaemon(folder, bridge, driver);
    await writeFile(join(folder, 'engine.json'), JSON.stringify({ daemon, traces } satisfies EngineRecord));
    if (await cameUp(folder, daemon)) return;
    const words = lastWords(folder);
    await endProcesses(folder, daemon, stopMs);
    if (driver === undefined && /overlay|graphdriver|storage.driver/i.test(words)) continue;
    await stopEngine(folder);
    throw new MachineError('MACHINE_DOCKER_START', `A Docker engine cannot be started here: ${words}`);
  }
}

/** Says whether the engine of `folder` answers; one that runs and is slow is given the time that a start gets. */
export async function isEngineUp(folder: string): Promise<boolean> {
  if (await answers(engineHost(folder))) return true;
  const record = await readRecord(folder);
  return record !== undefined && isRunning(record.daemon) && cameUp(folder, record.daemon);
}

/** Ends the engine of `folder`, however far it got, and removes all that was made for it. Under a lock. */
export async function stopEngine(folder: string): Promise<void> {
  const record = await readRecord(folder);
  await endProcesses(folder, record?.daemon, stopMs);
  await unmountBelow(folder);
  await runProgram('ip', ['link', 'delete', bridgeName(folder)], {});
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  for (const path of record?.traces ?? []) await removeTrace(path);
}

/** Bridge of the engine in `folder`; at most 15 characters, the kernel's limit. */
export function bridgeName(folder: string): string {
  return `berth-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`;
}

/**
 * Hardware address of a bridge, for good: a bridge without one takes the lowest of its ports', which changes as
 * containers come and go, and until every container has learned the new one their answers are lost.
 * Source: Linux `br_stp_recalculate_bridge_id`; Docker sets one on its own bridge for the same reason.
 */
export function bridgeHardwareAddress(name: string): string {
  const bytes = createHash('sha256').update(name).digest('hex').match(/../g) ?? [];
  // 02: administered locally, so that it can clash with no manufacturer's.
  return ['02', ...bytes.slice(0, 5)].join(':');
}

/** A folder in a place where all may write must be made by us, or somebody else could sit in it already. */
async function assertOwnFolder(folder: string, uid: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (found.isDirectory() && found.uid === uid) return;
  throw new MachineError(
    'MACHINE_DOCKER_START',
    `${folder} belongs to another user: remove it and run this again.`,
  );
}

async function makeBridge(name: string): Promise<void> {
  const address = chooseBridgeAddress(await readFile('/proc/net/route', 'utf8'));
  if (!address)
    throw new MachineError(
      'MACHINE_DOCKER_START',
      'No private network is free for containers: all candidates are routed.',
    );
  await runProgram('ip', ['link', 'delete', name], {});
  const steps = [
    ['link', 'add', name, 'address', bridgeHardwareAddress(name), 'type', 'bridge'],
    ['address', 'add', address, 'dev', name],
    ['link', 'set', name, 'up'],
  ];
  for (const step of steps) {
    const result = await runProgram('ip', step, {});
    if (result.code === 0) continue;
    const words = lastLines(result.stderr, 1);
    throw new MachineError(
      'MACHINE_DOCKER_START',
      `The network bridge for containers cannot be made: ip ${step.join(' ')}: ${words}.`,
    );
  }
}

async function spawnDaemon(
  folder: string,
  bridge: string,
  driver: string | undefined,
): Promise<ProcessIdentity> {
  const at = (name: string) => join(folder, name);
  await rm(at('docker.pid'), { force: true });
  await writeFile(at('daemon.json'), '{}');
  const log = await open(at('dockerd.log'), 'w');
  const args = [
    ...['--host', engineHost(folder), '--config-file', at('daemon.json'), '--pidfile', at('docker.pid')],
    ...['--data-root', at('data'), '--exec-root', at('exec'), '--bridge', bridge, '--shutdown-timeout', '5'],
    ...['--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
    ...(driver ? ['--storage-driver', driver] : []),
  ];
  const child = spawn('dockerd', args, { detached: true, stdio: ['ignore', log.fd, log.fd] });
  const started = await new Promise<boolean>((done) => {
    child.once('spawn', () => done(true));
    child.once('error', () => done(false));
  });
  child.unref();
  await log.close();
  const identity = started && child.pid ? tryIdentify(child.pid) : undefined;
  return identity ?? { pid: child.pid ?? -1, startedAt: 'never' };
}

async function cameUp(folder: string, daemon: ProcessIdentity): Promise<boolean> {
  for (let waited = 0; waited < startMs; waited += pollMs) {
    if (await answers(engineHost(folder), 1_000)) return true;
    if (!isRunning(daemon)) return false;
    await delay(pollMs);
  }
  return false;
}

function lastWords(folder: string): string {
  const log = readFileSync(join(folder, 'dockerd.log'), 'utf8');
  const failure = /failed to start daemon: (.*)/.exec(log)?.[1];
  return failure ?? (lastLines(log, 2) || 'dockerd did not start (is it installed?)');
}

async function readRecord(folder: string): Promise<EngineRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'engine.json'), 'utf8')) as EngineRecord;
  } catch {
    return undefined;
  }
}

/** A folder goes only if it is empty: others may have put something there since. */
async function removeTrace(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  await (found?.isDirectory() ? rmdir(path) : rm(path, { force: true })).catch(() => undefined);
}
