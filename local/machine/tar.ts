/** One entry of an archive. `mode` in octal, owner root; folders are written by the entries themselves. */
export type TarEntry =
  | { kind: 'file'; path: string; mode: number; content: Buffer }
  | { kind: 'folder'; path: string; mode: number; uid?: number }
  | { kind: 'link'; path: string; target: string };

const blockBytes = 512;

/**
 * Writes a POSIX ustar archive, block by block, always the same bytes for the same entries (no dates, no
 * user names). Paths are relative, at most 255 bytes with a slash in the right place, else an error names it.
 */
export function* renderTar(entries: Iterable<TarEntry>): Generator<Buffer> {
  for (const entry of entries) {
    yield renderHeader(entry);
    if (entry.kind !== 'file') continue;
    yield entry.content;
    yield Buffer.alloc((blockBytes - (entry.content.length % blockBytes)) % blockBytes);
  }
  yield Buffer.alloc(2 * blockBytes);
}

function renderHeader(entry: TarEntry): Buffer {
  const header = Buffer.alloc(blockBytes);
  const { name, prefix } = splitPath(entry.kind === 'folder' ? `${entry.path}/` : entry.path);
  const uid = entry.kind === 'folder' ? (entry.uid ?? 0) : 0;
  header.write(name, 0);
  header.write(octal(entry.kind === 'link' ? 0o777 : entry.mode, 7), 100);
  header.write(octal(uid, 7), 108);
  header.write(octal(uid, 7), 116);
  header.write(octal(entry.kind === 'file' ? entry.content.length : 0, 11), 124);
  header.write(octal(0, 11), 136);
  header.write({ file: '0', link: '2', folder: '5' }[entry.kind], 156);
  if (entry.kind === 'link') header.write(entry.target, 157);
  header.write('ustar\u000000', 257);
  header.write(prefix, 345);
  writeChecksum(header);
  return header;
}

function writeChecksum(header: Buffer): void {
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
}

function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  const cut = path.indexOf('/', Math.max(0, path.length - 101));
  const prefix = path.slice(0, cut);
  if (cut < 1 || cut === path.length - 1 || Buffer.byteLength(prefix) > 155) {
    throw new Error(
      `The path ${path} is too long for a ustar archive: at most 100 bytes after one of its first 155.`,
    );
  }
  return { name: path.slice(cut + 1), prefix };
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
