/** One entry of an archive. `mode` in octal, owner root; folders are written by the entries themselves. */
export type TarEntry =
  | { kind: 'file'; path: string; mode: number; content: Buffer }
  | { kind: 'folder'; path: string; mode: number; uid?: number }
  | { kind: 'link'; path: string; target: string };

const blockBytes = 512;
const nameBytes = 100;

/**
 * Writes a POSIX archive, block by block, always the same bytes for the same entries (no dates, no user names).
 * Paths are relative; one of more than 100 bytes, as npm's cache has, stands in an extended header before it.
 */
export function* renderTar(entries: Iterable<TarEntry>): Generator<Buffer> {
  for (const entry of entries) {
    const path = entry.kind === 'folder' ? `${entry.path}/` : entry.path;
    if (Buffer.byteLength(path) > nameBytes) {
      const content = Buffer.from(renderPathRecord(path));
      yield renderHeader({ kind: 'file', path: 'extended', mode: 0o644, content }, 'x');
      yield* renderContent(content);
    }
    yield renderHeader(entry);
    if (entry.kind === 'file') yield* renderContent(entry.content);
  }
  yield Buffer.alloc(2 * blockBytes);
}

function* renderContent(content: Buffer): Generator<Buffer> {
  yield content;
  yield Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes);
}

/** `<length> path=<path>\n`, the length counting its own digits. Source: POSIX.1-2001, pax. */
function renderPathRecord(path: string): string {
  const rest = ` path=${path}\n`;
  const bytes = Buffer.byteLength(rest);
  const length = bytes + String(bytes + String(bytes).length).length;
  return `${length}${rest}`;
}

function renderHeader(
  entry: TarEntry,
  type: string = { file: '0', link: '2', folder: '5' }[entry.kind],
): Buffer {
  const header = Buffer.alloc(blockBytes);
  const name = entry.kind === 'folder' ? `${entry.path}/` : entry.path;
  const uid = entry.kind === 'folder' ? (entry.uid ?? 0) : 0;
  header.write(name, 0, nameBytes);
  header.write(octal(entry.kind === 'link' ? 0o777 : entry.mode, 7), 100);
  header.write(octal(uid, 7), 108);
  header.write(octal(uid, 7), 116);
  header.write(octal(entry.kind === 'file' ? entry.content.length : 0, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(type, 156);
  if (entry.kind === 'link') header.write(entry.target, 157);
  header.write('ustar\u000000', 257);
  writeChecksum(header);
  return header;
}

function writeChecksum(header: Buffer): void {
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
