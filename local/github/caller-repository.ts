import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Paths with `/` to contents; `null` deletes the file. */
export type RepositoryFiles = Record<string, string | Uint8Array | null>;

export interface CallerRepositoryOptions {
  /** Folder of the repository; made if missing. */
  dir: string;
  /** `OWNER/REPO`, set as the remote `origin` on github.com: act takes `github.repository` from it. */
  repository: string;
  author: { name: string; email: string };
  branch?: string;
  /** Search path for the git program. */
  path: string;
}

export interface CallerRepository {
  dir: string;
  /** Writes the files, commits them with everything else that changed, and returns the commit's SHA. */
  commit(message: string, files: RepositoryFiles): Promise<string>;
  /** Runs git in the repository and returns its output without the final line break. */
  git(...args: string[]): Promise<string>;
}

/** Makes an empty git repository that reads no configuration but its own. */
export async function createCallerRepository(options: CallerRepositoryOptions): Promise<CallerRepository> {
  const { dir, author, branch = 'main' } = options;
  const env = {
    PATH: options.path,
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
  };
  const git = async (...args: string[]) => {
    const { stdout } = await run('git', args, { cwd: dir, env, maxBuffer: 64 * 1024 * 1024 });
    return stdout.replace(/\n$/, '');
  };
  await mkdir(dir, { recursive: true });
  await git('init', '--quiet', `--initial-branch=${branch}`);
  await git('remote', 'add', 'origin', `https://github.com/${options.repository}.git`);
  return {
    dir,
    git,
    async commit(message, files) {
      for (const [path, content] of Object.entries(files)) await writeRepositoryFile(dir, path, content);
      await git('add', '--all');
      await git('commit', '--quiet', '--no-verify', '--message', message);
      return git('rev-parse', 'HEAD');
    },
  };
}

async function writeRepositoryFile(dir: string, path: string, content: string | Uint8Array | null) {
  const inside = normalize(path);
  if (isAbsolute(inside) || inside.startsWith('..') || inside.split(/[\\/]/)[0] === '.git') {
    throw new Error(`'${path}' is no path of a repository file; a relative path inside it was expected.`);
  }
  const target = join(dir, inside);
  if (content === null) return rm(target);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
}
