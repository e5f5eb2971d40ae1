import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Contestant, Round } from './contest.ts';

/**
 * Runs a contestant's program of `programs/` as a process of its own, so that its processor time is its own. The
 * program plays one round for each line it reads and ends with its input (`serveRounds`).
 */
export async function startProgram(
  name: string,
  program: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Contestant> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'programs', program)],
    { env: { ...process.env, ...settings }, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${program} ended in the middle of a contest; its messages are above.`);
    return value;
  };
  await next();
  return {
    name,
    async play() {
      child.stdin.write('\n');
      return JSON.parse(await next()) as Round;
    },
    async stop() {
      child.stdin.end();
      await ended(child);
    },
  };
}

/** The program's side: says that it is ready, then plays a round for each line of its input and prints what it took. */
export async function serveRounds(
  play: () => Promise<number>,
  /** Done after each round, and not measured. */
  afterwards: () => Promise<void> = async () => undefined,
): Promise<void> {
  console.log('ready');
  for await (const _line of createInterface({ input: process.stdin })) {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    const operations = await play();
    const { user, system } = process.cpuUsage(before);
    const round: Round = {
      operations,
      wallMs: performance.now() - startedAt,
      cpuMs: (user + system) / 1_000,
    };
    await afterwards();
    console.log(JSON.stringify(round));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
