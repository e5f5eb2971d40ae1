import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MachineError } from './machine-error.ts';
import { isRunning, ownIdentity, renderIdentity, tryParseIdentity } from './process-identity.ts';

const retryMs = 50;

/**
 * Runs `work` while this process alone holds the lock file `path`; others on the machine wait their turn.
 *
 * The file holds its owner's identity, so the lock of a process that was killed is taken over.
 * `waitMs` (default 10 minutes, long enough for a package installation) bounds the wait for a living
 * owner; past it the error names the owner. The lock is given back whether `work` succeeds or throws.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, waitMs = 600_000): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  for (let waited = 0; !(await tryTake(path)); waited += retryMs) {
    if (waited >= waitMs)
      throw new MachineError('MACHINE_LOCK_BUSY', busySentence(path, await tryRead(path)));
    await delay(retryMs);
  }
  try {
    return await work();
  } finally {
    await unlink(path).catch(() => undefined);
  }
}

/** A link is atomic and brings the owner's name with it, so nobody ever sees a lock without an owner. */
async function tryTake(path: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, renderIdentity(ownIdentity()));
  try {
    await link(own, path);
    return true;
  } catch {
    await clearDead(path);
    return false;
  } finally {
    await unlink(own);
  }
}

/** Moves a dead owner's lock aside. Should a living one have come in between, it is put back. */
async function clearDead(path: string): Promise<void> {
  if (ownerRuns(await tryRead(path))) return;
  const aside = `${path}.dead.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if (ownerRuns(await tryRead(aside))) await link(aside, path).catch(() => undefined);
  await unlink(aside);
}

function ownerRuns(text: string | undefined): boolean {
  const owner = tryParseIdentity(text);
  return owner !== undefined && isRunning(owner);
}

function tryRead(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function busySentence(path: string, owner: string | undefined): string {
  const pid = tryParseIdentity(owner)?.pid ?? 'another process';
  return `Process ${pid} holds ${path} and does not let go: wait for it to end, or end it, and run this again.`;
}
