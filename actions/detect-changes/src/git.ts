import { definedEnv, type RunCommand } from '../../core/src/command.ts';
import { UserError } from '../../core/src/errors.ts';
import type { TreeFile } from './content-tag.ts';

/** Reads of one repository; each is one `git` process. Commits are given as full SHAs, except to `tryCommit`. */
export interface Git {
  /** The SHA of a commit, branch or tag; `undefined` when it is not in this clone. */
  tryCommit(name: string): Promise<string | undefined>;
  tryMergeBase(a: string, b: string): Promise<string | undefined>;
  isShallow(): Promise<boolean>;
  /** Paths that differ; a renamed file is listed under both names. */
  changedFiles(base: string, head: string): Promise<string[]>;
  files(commit: string): Promise<TreeFile[]>;
  /** A file's text in a commit; `undefined` when the commit has no such file. */
  tryFile(commit: string, path: string): Promise<string | undefined>;
}

/** Git in `folder`. Git's ownership check is answered for that folder, as it may belong to another user in a container job. */
export function gitIn(
  folder: string,
  command: RunCommand,
  env: Readonly<Record<string, string | undefined>>,
): Git {
  const settings = ['-c', `safe.directory=${folder}`, '-c', 'core.quotePath=false'];
  const options = { cwd: folder, env: { ...definedEnv(env), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' } };
  const attempt = async (...args: string[]): Promise<string | undefined> => {
    const { exitCode, stdout } = await command('git', [...settings, ...args], options);
    return exitCode === 0 ? stdout : undefined;
  };
  const read = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await command('git', [...settings, ...args], options);
    if (exitCode === 0) return stdout;
    throw new UserError(
      'GIT_FAILED',
      `git ${args[0]} failed in ${folder}: ${stderr.trim() || `exit ${exitCode}`}`,
    );
  };
  return {
    tryCommit: async (name) =>
      (await attempt('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`))?.trim(),
    tryMergeBase: async (a, b) => (await attempt('merge-base', a, b))?.trim(),
    isShallow: async () => (await read('rev-parse', '--is-shallow-repository')).trim() === 'true',
    changedFiles: async (base, head) =>
      splitNul(await read('diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', base, head)),
    files: async (commit) =>
      splitNul(await read('ls-tree', '-r', '-z', '--full-tree', commit)).map(parseTreeLine),
    tryFile: (commit, path) => attempt('show', `${commit}:./${path}`),
  };
}

function splitNul(text: string): string[] {
  return text.split('\0').filter((part) => part !== '');
}

/** `100644 blob <hash>\t<path>` */
function parseTreeLine(line: string): TreeFile {
  const tab = line.indexOf('\t');
  const [mode = '', , object = ''] = line.slice(0, tab).split(' ');
  return { mode, object, path: line.slice(tab + 1) };
}
