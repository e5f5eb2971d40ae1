import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow } from './files-below.ts';
import { MachineError } from './machine-error.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import type { TarEntry } from './tar.ts';

const systemFiles: Record<string, string> = {
  'etc/passwd':
    'root:x:0:0:root:/root:/sbin/nologin\nnode:x:1000:1000:node:/home/node:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Where certificate authorities are kept: Debian and its kin, Fedora and its kin, openSUSE. */
const certificateFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
];

/** Loaded by name at run time, so `ldd` does not list them; glibc before 2.34 needs them to look up a host. */
const nameServiceLibraries = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];
/** What packages with native code are linked with and Node is not. */
const nativePackageLibraries = ['librt.so.1'];

/**
 * Lists what a container needs to run this Node and nothing else: the binary (also as `/node`), the shared
 * libraries it is linked with, users `root` and `node` (uid 1000), `/tmp`, certificate authorities.
 * There is no shell. Linux only. Throws MACHINE_BASE_IMAGE when the libraries cannot be listed.
 */
export async function baseImageEntries(nodePath: string): Promise<TarEntry[]> {
  const libraries = parseLdd(await runProgram('ldd', [nodePath]), nodePath);
  const beside = libraries
    .filter((path) => /\/libc\.so/.test(path))
    .flatMap((path) => librariesBeside(dirname(path)));
  const certificates = certificateFiles.find((path) => existsSync(path));
  return [
    ...['etc', 'etc/ssl', 'etc/ssl/certs', 'usr', 'usr/local', 'usr/local/bin', 'home', 'root'].map(folder),
    { kind: 'folder', path: 'home/node', mode: 0o755, uid: 1000 },
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
    { kind: 'file', path: 'usr/local/bin/node', mode: 0o755, content: readFileSync(nodePath) },
    { kind: 'link', path: 'node', target: '/usr/local/bin/node' },
    ...[...new Set([...libraries, ...beside])].map((path) => copyOf(path, path.slice(1), 0o755)),
    ...Object.entries(systemFiles).map(([path, text]) => file(path, text)),
    ...(certificates ? [copyOf(certificates, 'etc/ssl/certs/ca-certificates.crt', 0o644)] : []),
  ];
}

/** Lists a folder's files as they are, to be put at `target`; symbolic links are followed. */
export async function folderEntries(source: string, target: string): Promise<TarEntry[]> {
  return (await filesBelow(source)).map((path) => copyOf(join(source, path), join(target, path), 0o644));
}

/**
 * Takes the libraries' paths out of what `ldd` printed: `name => /path (address)` and the loader's own line.
 * A library that is "not found" is an error, for the binary would not start in the image either.
 */
export function parseLdd(result: ProgramResult, nodePath: string): string[] {
  const missing = /^\s*(\S+) => not found/m.exec(result.stdout)?.[1];
  if (result.code !== 0 || missing) {
    const cause = missing ? `${missing} is not found` : result.stderr.trim();
    throw new MachineError(
      'MACHINE_BASE_IMAGE',
      `The libraries of ${nodePath} cannot be listed with ldd (${cause}): install the C library's tools (Debian: libc-bin).`,
    );
  }
  return [...result.stdout.matchAll(/(?:^|=>)\s*(\/\S+) \(0x/gm)].flatMap((match) => match[1] ?? []);
}

/** One text file, readable by all. */
export function file(path: string, text: string): TarEntry {
  return { kind: 'file', path, mode: 0o644, content: Buffer.from(text) };
}

function folder(path: string): TarEntry {
  return { kind: 'folder', path, mode: 0o755 };
}

function copyOf(source: string, path: string, mode: number): TarEntry {
  return { kind: 'file', path, mode, content: readFileSync(source) };
}

function librariesBeside(libraryFolder: string): string[] {
  return [...nameServiceLibraries, ...nativePackageLibraries]
    .map((name) => join(libraryFolder, name))
    .filter((path) => existsSync(path));
}
