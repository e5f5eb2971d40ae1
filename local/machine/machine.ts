import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

/** What this folder needs to know about the machine it prepares; tests give their own. */
export interface Machine {
  /** Environment variables; package clients are run with all of them, so a user's own settings hold. */
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  /** Numeric user id; -1 where the system has none. */
  uid: number;
  /** Folder for what is shared by all clones on this machine. */
  tempFolder: string;
  /** The repository's own git-ignored folder. */
  workFolder: string;
}

/** Gives the machine this process runs on. */
export function thisMachine(): Machine {
  return {
    env: process.env,
    platform: process.platform,
    uid: userInfo().uid,
    tempFolder: tmpdir(),
    workFolder: join(repositoryFolder, '.berth'),
  };
}

/** Absolute path of the repository this file is in. */
export const repositoryFolder = resolve(import.meta.dirname, '../..');
