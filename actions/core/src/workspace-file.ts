import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorCode, UserError } from './errors.ts';

/** The error for a path behind which no file is; `more` goes on after `There is no PATH in the workspace`. */
export interface MissingFile {
  readonly code: ErrorCode;
  readonly more: string;
}

/** The text of a file, by its path relative to the workspace. Throws the `UserError` that `missing` describes. */
export async function readWorkspaceFile(
  workspace: string,
  path: string,
  { code, more }: MissingFile,
): Promise<string> {
  return readFile(join(workspace, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EISDIR')
      throw new UserError(code, `${path} is a folder in the workspace; expected a file.`);
    if (!isMissing(error)) throw error;
    throw new UserError(code, `There is no ${path} in the workspace${more}`);
  });
}

/** The same for a file that may be absent: then `undefined`. */
export async function tryWorkspaceFile(workspace: string, path: string): Promise<string | undefined> {
  return readFile(join(workspace, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (!isMissing(error)) throw error;
    return undefined;
  });
}

function isMissing({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}
