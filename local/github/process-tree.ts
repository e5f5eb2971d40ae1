import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

type Parentage = { pid: number; parent: number };

/**
 * Lists the processes that descend from `pid`, children before grandchildren, from /proc where there is one,
 * else from `ps`. One that left its parent behind is not found.
 */
export async function listDescendants(pid: number): Promise<number[]> {
  const all = (await readProc()) ?? (await readPs());
  const found = [pid];
  for (const parent of found)
    found.push(...all.filter((each) => each.parent === parent).map((each) => each.pid));
  return found.slice(1);
}

async function readProc(): Promise<Parentage[] | undefined> {
  const names = await readdir('/proc').catch(() => undefined);
  if (!names?.includes('self')) return undefined;
  const pids = names.filter((name) => /^\d+$/.test(name));
  const read = await Promise.all(
    pids.map(async (pid) => {
      // `pid (command) state parent …`; the command may itself hold parentheses. Gone meanwhile: no line.
      const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const parent = /\) \S (\d+) [^)]*$/.exec(line)?.[1];
      return parent === undefined ? [] : [{ pid: Number(pid), parent: Number(parent) }];
    }),
  );
  return read.flat();
}

async function readPs(): Promise<Parentage[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=', '-o', 'ppid=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0]) => ({ pid, parent }));
}
