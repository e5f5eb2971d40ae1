import { describe, expect, it } from '@jest/globals';
import { ExtData, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import {
  decodeValue,
  encodeValue,
  hasUnknown,
  renderKey,
  sameMembers,
  UNKNOWN,
  type Value,
} from '../protocol/value.ts';

const leaf = fc.oneof(
  fc.constant(null),
  fc.constant(UNKNOWN),
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const { tree: value } = fc.letrec<{ tree: Value }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe('a value on the wire', () => {
  it('comes back as it was, unknown parts too', () => {
    fc.assert(
      fc.property(value, (written) => {
        const back = decodeValue(encodeValue(written));
        expect(renderKey(back)).toBe(renderKey(written));
        expect(hasUnknown(back)).toBe(hasUnknown(written));
      }),
    );
  });

  it('is unknown as extension 0 with one zero byte', () => {
    expect([...encodeValue(UNKNOWN)]).toEqual([0xd4, 0, 0]);
  });

  it('is unknown as well when Terraform knows something of it', () => {
    const refined = encode(new ExtData(12, encode({ 1: false })));
    expect(decodeValue(refined)).toBe(UNKNOWN);
  });

  it('writes whole numbers as whole numbers', () => {
    expect([...encodeValue(80)]).toEqual([80]);
  });
});

describe('equality', () => {
  it('does not look at the order of names, nor of the members of sets', () => {
    expect(renderKey({ a: 1, b: [2] })).toBe(renderKey({ b: [2], a: 1 }));
    expect(sameMembers(['a', 'b'], ['b', 'a'])).toBe(true);
    expect(sameMembers(['a', 'a'], ['a', 'b'])).toBe(false);
  });

  it('tells nothing, an empty text, zero and an unknown apart', () => {
    const keys = [null, '', 0, false, UNKNOWN, [], {}].map(renderKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
