import { createHash, createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Sha256 } from '../sha256.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const keys = fc.oneof(fc.constant(undefined), fc.string({ unit: 'binary' }), bytes);

test('whatever comes in whatever parts, it is the digest that Node makes', async () => {
  await fc.assert(
    fc.asyncProperty(keys, fc.array(bytes, { maxLength: 4 }), async (key, chunks) => {
      const nodes = key === undefined ? createHash('sha256') : createHmac('sha256', key);
      for (const chunk of chunks) nodes.update(chunk);
      const ours = new Sha256(key);
      for (const chunk of chunks) ours.update(chunk);
      const digest = await ours.digest();
      expect(Buffer.from(digest).toString('hex')).toBe(nodes.digest('hex'));
      expect(digest).toHaveLength(ours.digestLength);
    }),
  );
});

test('a key may be a part of a larger memory', async () => {
  const memory = new Uint8Array([1, 2, 3, 4]);
  for (const key of [memory.subarray(1, 3), new DataView(memory.buffer, 1, 2), memory.slice(1, 3).buffer]) {
    const ours = new Sha256(key);
    ours.update(memory);
    expect(Buffer.from(await ours.digest())).toEqual(
      createHmac('sha256', memory.slice(1, 3)).update(memory).digest(),
    );
  }
});

test('begins anew when told', async () => {
  const ours = new Sha256();
  ours.update(new Uint8Array([1]));
  ours.reset();
  expect(Buffer.from(await ours.digest())).toEqual(createHash('sha256').digest());
});
