import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, ownIdentity } from './process-identity.ts';

const NAME = /^berth-[a-z]+-(\d+)-(.+)-[A-Za-z0-9]{6}$/;

/**
 * Makes an empty folder of this process in the system's temporary one, named by what it is for (`[a-z]+`), and removes
 * all those of processes that were killed. The caller removes it. Short, so that a unix socket's path fits in; without
 * a colon, so that Docker can mount what is in it.
 */
export async function makeTemporaryFolder(tempFolder: string, use: string): Promise<string> {
  await Promise.all((await readdir(tempFolder)).map((name) => removeIfLeft(tempFolder, name)));
  const { pid, startedAt } = ownIdentity();
  return mkdtemp(join(tempFolder, `berth-${use}-${pid}-${startedAt}-`));
}

async function removeIfLeft(tempFolder: string, name: string): Promise<void> {
  const [, pid, startedAt] = NAME.exec(name) ?? [];
  if (!pid || !startedAt || isRunning({ pid: Number(pid), startedAt })) return;
  // Another user's folder, or one that another start removes just now, is left to its owner.
  await rm(join(tempFolder, name), { recursive: true, force: true }).catch(() => undefined);
}
