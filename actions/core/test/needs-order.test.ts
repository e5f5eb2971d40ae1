import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inNeedsOrder, tryCycle, withDependents } from '../src/needs-order.ts';

/** A random map of services without a cycle: each needs only services numbered below it. */
const acyclic = fc
  .array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { maxLength: 15 })
  .map((rows) =>
    Object.fromEntries(
      rows.map((row, i): [string, { needs: string[] }] => [
        `s${i}`,
        { needs: row.filter((n) => n < i).map((n) => `s${n}`) },
      ]),
    ),
  );

describe('inNeedsOrder', () => {
  test('puts a service after those it needs, as early as it may go', () => {
    const needs = {
      web: { needs: ['api'] },
      api: { needs: ['db', 'queue'] },
      db: { needs: [] },
      queue: { needs: [] },
    };
    expect(inNeedsOrder(needs)).toEqual([['db', 'queue'], ['api'], ['web']]);
  });

  test('holds every service once, and needs lie in earlier waves', () => {
    fc.assert(
      fc.property(acyclic, (services) => {
        const waves = inNeedsOrder(services);
        const waveOf = new Map(waves.flatMap((wave, i) => wave.map((name): [string, number] => [name, i])));
        expect([...waveOf.keys()].sort()).toEqual(Object.keys(services).sort());
        for (const [name, { needs }] of Object.entries(services)) {
          for (const need of needs) expect(waveOf.get(need)).toBeLessThan(waveOf.get(name) ?? -1);
        }
      }),
    );
  });

  test('finds no cycle where there is none, and one where an arrow is turned round', () => {
    fc.assert(fc.property(acyclic, (services) => expect(tryCycle(services)).toBeUndefined()));
    expect(tryCycle({ a: { needs: ['b'] }, b: { needs: ['a'] } })).toEqual(['a', 'b', 'a']);
  });
});

describe('withDependents', () => {
  const chain = { db: { needs: [] }, api: { needs: ['db'] }, web: { needs: ['api'] }, docs: { needs: [] } };

  test.each([
    [['db'], ['db', 'api', 'web']],
    [['web'], ['web']],
    [
      ['docs', 'api'],
      ['api', 'web', 'docs'],
    ],
    [[], []],
  ])('%j changed brings %j', (changed, expected) => {
    expect(withDependents(chain, changed)).toEqual(expected);
  });
});
