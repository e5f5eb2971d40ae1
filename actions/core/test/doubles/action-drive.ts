import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Action, runAction } from '../../src/github/action-run.ts';
import type { InputSpecs } from '../../src/github/inputs.ts';
import { virtualClock } from './virtual-clock.ts';

/** What a runner would have seen of one step. */
export interface Driven {
  readonly outputs: Readonly<Record<string, string>>;
  readonly exported: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly stdout: string;
  readonly failed: boolean;
}

/**
 * Runs a whole action as the runner does: inputs as `INPUT_…` variables, files for outputs, environment and
 * summary, standard output captured. Nothing inside is replaced; HTTP is the caller's to script.
 */
export async function driveAction<S extends InputSpecs, Name extends string>(
  action: Action<S, Name>,
  given: { inputs: Readonly<Record<string, string>>; env?: Readonly<Record<string, string>> },
): Promise<Driven> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-action-'));
  const files = { GITHUB_OUTPUT: 'output', GITHUB_ENV: 'env', GITHUB_STEP_SUMMARY: 'summary' };
  for (const name of Object.values(files)) writeFileSync(join(folder, name), '');
  const before = { ...process.env };
  const write = process.stdout.write;
  let stdout = '';
  process.stdout.write = ((chunk: string | Uint8Array) => {
    stdout += chunk.toString();
    return true;
  }) as typeof process.stdout.write;
  try {
    for (const [key, name] of Object.entries(files)) process.env[key] = join(folder, name);
    for (const [name, value] of Object.entries(given.inputs)) {
      process.env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] = value;
    }
    Object.assign(process.env, { RUNNER_TEMP: folder, ...given.env });
    await runAction(action, process.env);
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    return {
      outputs: parseFileCommands(read('output')),
      exported: parseFileCommands(read('env')),
      summary: read('summary'),
      stdout,
      failed: process.exitCode === 1,
    };
  } finally {
    process.stdout.write = write;
    process.exitCode = undefined;
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The action with waits that take no time, so that a slow machine does not run into them. */
export function inVirtualTime<S extends InputSpecs, Name extends string>(
  action: Action<S, Name>,
): Action<S, Name> {
  return { ...action, run: (given, deps) => action.run(given, { ...deps, clock: virtualClock() }) };
}

/** The `NAME<<DELIMITER` blocks of GITHUB_OUTPUT and GITHUB_ENV. */
export function parseFileCommands(text: string): Record<string, string> {
  const blocks = text.matchAll(/^(.+?)<<(\S+)\n([\s\S]*?)\n?\2$/gm);
  return Object.fromEntries([...blocks].map(([, name = '', , value = '']) => [name, value]));
}
