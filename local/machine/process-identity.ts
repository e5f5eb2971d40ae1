import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One process for good: a pid alone is given to another process later, a pid with its start time is not. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque text that differs between two processes that had the same pid. */
  startedAt: string;
}

/**
 * Gives the identity of a running process, or `undefined` when there is none of that pid.
 * A process that has ended and was not yet collected by its parent counts as ended.
 */
export function tryIdentify(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? linuxStart(pid) : psStart(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Gives the identity of this very process. */
export function ownIdentity(): ProcessIdentity {
  const own = tryIdentify(process.pid);
  if (own === undefined) throw new Error(`No start time can be read for process ${process.pid}.`);
  return own;
}

/** Says whether exactly that process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return tryIdentify(identity.pid)?.startedAt === identity.startedAt;
}

/** Reads `pid:startedAt` as `renderIdentity` writes it; anything else gives `undefined`. */
export function tryParseIdentity(text: string | undefined): ProcessIdentity | undefined {
  const match = /^(\d+):(.+)$/.exec((text ?? '').trim());
  return match?.[1] && match[2] ? { pid: Number(match[1]), startedAt: match[2] } : undefined;
}

/** Writes an identity as `pid:startedAt`. */
export function renderIdentity(identity: ProcessIdentity): string {
  return `${identity.pid}:${identity.startedAt}`;
}

/**
 * Takes the start time out of `/proc/<pid>/stat`: field 22, in clock ticks since boot.
 * The second field is the program's name in brackets and may itself hold blanks and brackets.
 */
export function startOfStat(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  return state === 'Z' || state === 'X' ? undefined : fields[19];
}

function linuxStart(pid: number): string | undefined {
  try {
    return startOfStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

function psStart(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const [, state, start] = /^(\S+)\s+(.+)$/.exec(line) ?? [];
    return !state || state.startsWith('Z') ? undefined : start?.replace(/\W+/g, '-');
  } catch {
    return undefined;
  }
}
