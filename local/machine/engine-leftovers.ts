import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, type ProcessIdentity, tryIdentify } from './process-identity.ts';
import { runProgram } from './run-program.ts';

const pollMs = 50;

/**
 * Ends an engine: its daemon gently (SIGTERM, at most `waitMs`, SIGKILL), then whatever of it did not go with
 * the daemon: containerd, container shims, the containers below these. A process belongs to the engine if
 * it is one of Docker's programs and names a path in `folder`, or if it descends from such a one.
 */
export async function endProcesses(
  folder: string,
  daemon: ProcessIdentity | undefined,
  waitMs: number,
): Promise<void> {
  if (daemon && isRunning(daemon)) {
    const before = familyOf(folder);
    trySignal(daemon, 'SIGTERM');
    await waitForEnd([daemon, ...before], waitMs);
    trySignal(daemon, 'SIGKILL');
  }
  const left = familyOf(folder);
  for (const one of left) trySignal(one, 'SIGKILL');
  await waitForEnd(left, waitMs);
}

/** Unmounts everything below `folder`, the innermost first. */
export async function unmountBelow(folder: string): Promise<void> {
  for (const path of mountsBelow(folder, readFileSync('/proc/self/mountinfo', 'utf8'))) {
    await runProgram('umount', ['--lazy', path], {});
  }
}

/** Reads mount points below `folder` out of `/proc/self/mountinfo`, in the order to unmount them. */
export function mountsBelow(folder: string, mountInfo: string): string[] {
  return mountInfo
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, code) =>
        String.fromCharCode(Number.parseInt(code, 8)),
      ),
    )
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}

/** One row of the process table. */
export interface ProcessRow {
  pid: number;
  parent: number;
  commandLine: string;
}

/** Chooses the engine's own programs that name a path in `folder`, and all their descendants. */
export function selectFamily(rows: readonly ProcessRow[], folder: string): ProcessRow[] {
  const family = new Set(rows.filter((row) => isEngineProgram(row, folder)).map((row) => row.pid));
  for (let size = -1; size !== family.size; ) {
    size = family.size;
    for (const row of rows) if (family.has(row.parent)) family.add(row.pid);
  }
  return rows.filter((row) => family.has(row.pid));
}

function familyOf(folder: string): ProcessIdentity[] {
  const rows = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readRow);
  return selectFamily(rows, folder).flatMap((row) => tryIdentify(row.pid) ?? []);
}

/** A person's editor or shell may well name the folder too, and is none of ours. */
function isEngineProgram({ commandLine }: ProcessRow, folder: string): boolean {
  const isKnown = /^[^\s\0]*(dockerd|containerd|containerd-shim[^\s/]*|docker-proxy|runc|ctr)\0/.test(
    commandLine,
  );
  return isKnown && commandLine.includes(`${folder}/`);
}

function readRow(name: string): ProcessRow[] {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return [{ pid: Number(name), parent, commandLine: readFileSync(`/proc/${name}/cmdline`, 'utf8') }];
  } catch {
    return [];
  }
}

async function waitForEnd(processes: readonly ProcessIdentity[], waitMs: number): Promise<void> {
  for (let waited = 0; waited < waitMs && processes.some(isRunning); waited += pollMs) await delay(pollMs);
}

function trySignal(one: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (isRunning(one)) process.kill(one.pid, signal);
  } catch {
    // It ended in between.
  }
}
