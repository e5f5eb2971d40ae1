import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, ownIdentity, renderIdentity, tryParseIdentity } from './process-identity.ts';

/** Notes in `folder` that this process uses what the folder stands for; gives the note's path. */
export async function takeLease(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${process.pid}-${randomUUID()}`);
  await writeFile(path, renderIdentity(ownIdentity()));
  return path;
}

/** Gives a lease back. A second time is no fault. */
export async function dropLease(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Counts the leases of living processes, and removes those of dead ones. To be called under a lock. */
export async function countLeases(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const living = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const owner = tryParseIdentity(await readFile(path, 'utf8').catch(() => ''));
      if (owner && isRunning(owner)) return true;
      await dropLease(path);
      return false;
    }),
  );
  return living.filter(Boolean).length;
}
