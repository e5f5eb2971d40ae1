import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limitPackets } from '../mqtt-packets.ts';

/** A packet of so many bytes after its fixed header. */
function packetOf(size: number): Buffer {
  const length: number[] = [];
  for (let rest = size; ; rest = Math.floor(rest / 128)) {
    length.push(rest >= 128 ? (rest % 128) | 0x80 : rest);
    if (rest < 128) break;
  }
  return Buffer.concat([Buffer.from([0x30, ...length]), Buffer.alloc(size, 0xff)]);
}

/** What comes out of the limit, and whether it failed, for bytes that come in such pieces. */
async function pass(bytes: Buffer, cuts: readonly number[], limit: number) {
  const limiter = limitPackets(limit);
  const passed: Buffer[] = [];
  limiter.on('data', (chunk: Buffer) => passed.push(chunk));
  const failed = new Promise<boolean>((resolve) => {
    limiter.on('error', () => resolve(true));
    limiter.on('end', () => resolve(false));
  });
  const ends = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((one, other) => one - other);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    if (!limiter.destroyed) limiter.write(bytes.subarray(start, end));
    start = end;
  }
  if (!limiter.destroyed) limiter.end();
  return { failed: await failed, passed: Buffer.concat(passed) };
}

test('passes packets up to the limit as they are, however they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(300), { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(2_000), { maxLength: 10 }),
      async (sizes, cuts) => {
        const bytes = Buffer.concat(sizes.map(packetOf));
        const { failed, passed } = await pass(bytes, cuts, 250);
        expect(failed).toBe(sizes.some((size) => size > 250));
        if (!failed) expect(passed.equals(bytes)).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

test.each([
  ['a length above the limit', Buffer.from([0x30, 0xfb, 0x01])],
  ['256 MB', Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])],
  ['a length without an end', Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80])],
])('fails at %s, before it has come', async (_what, bytes) => {
  expect((await pass(bytes, [], 250)).failed).toBe(true);
});
