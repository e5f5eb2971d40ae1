import { dirname } from 'node:path';
import { MachineError } from './machine-error.ts';

/** A Node binary and the folder that makes it the first `node` on a search path. */
export interface NodeBinary {
  path: string;
  folder: string;
}

/**
 * Gives the Node 24 this program runs on: act runs `node24` actions with whatever `node` is first on PATH,
 * and the rehearsal's images are made from it. Throws MACHINE_NODE_VERSION on another major version.
 */
export function node24(path = process.execPath, version = process.versions.node): NodeBinary {
  if (version.startsWith('24.')) return { path, folder: dirname(path) };
  throw new MachineError(
    'MACHINE_NODE_VERSION',
    `This is Node ${version}, Node 24 was expected: start through "npm run …", which brings its own.`,
  );
}
