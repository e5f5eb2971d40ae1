import { getExecOutput } from '@actions/exec';

/** How a program ended. Output is whole and undecorated; `exitCode` 0 is success, other codes are not thrown. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `env` replaces the whole environment; `onLine` sees each line of both streams as it comes. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly onLine?: (line: string) => void;
}

/** Runs a program with its arguments as they are, never through a shell. */
export type RunCommand = (
  program: string,
  args: readonly string[],
  options?: CommandOptions,
) => Promise<CommandResult>;

/** The real one. A program that is not on PATH is thrown as `Unable to locate executable file: …`. */
export const runCommand: RunCommand = async (program, args, options = {}) => {
  const { cwd, env, input, onLine } = options;
  return getExecOutput(`"${program}"`, [...args], {
    silent: true,
    ignoreReturnCode: true,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    ...(input === undefined ? {} : { input: Buffer.from(input) }),
    ...(onLine === undefined ? {} : { listeners: { stdline: onLine, errline: onLine } }),
  });
};

/** The defined variables of an environment, the form programs take. */
export function definedEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
