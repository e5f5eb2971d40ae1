import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nearMatches, renderNearMatches } from '../src/near-match.ts';

const clusters = ['shop-prod', 'shop-staging', 'billing', 'default'];

test.each([
  ['shop-prd', ['shop-prod']],
  ['Shop-Prod', ['shop-prod']],
  ['shop-pord', ['shop-prod']],
  ['shop', ['shop-prod', 'shop-staging']],
  ['zebra', []],
])('%s is near %j', (name, expected) => {
  expect(nearMatches(name, clusters)).toEqual(expected);
});

test('lists what is known when nothing is near, and says nothing when nothing is known', () => {
  expect(renderNearMatches('zebra', clusters)).toBe(' Known: shop-prod, shop-staging, billing, default.');
  expect(renderNearMatches('zebra', [])).toBe('');
});

test('finds a name with one letter changed, for any name of three letters or more', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 3, maxLength: 30, unit: fc.constantFrom(...'abcdefgh-') }),
      fc.nat(),
      (name, at) => {
        const i = at % name.length;
        expect(nearMatches(`${name.slice(0, i)}z${name.slice(i + 1)}`, [name])).toEqual([name]);
      },
    ),
  );
});
