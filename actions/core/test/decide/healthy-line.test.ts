import { describe, expect, test } from '@jest/globals';
import { traceHealthyLine } from '../../src/decide/healthy-line.ts';

/** Contents by letter, in the order they succeeded. */
const trace = (letters: string) => traceHealthyLine([...letters].map((content, at) => ({ content, at })));

describe('what a service has left', () => {
  test.each([
    ['', '', ''],
    ['abc', '', ''],
    ['aab', '', ''],
    ['aba', 'b', 'b>a'],
    ['abca', 'bc', 'c>a'],
    ['abab', '', 'b>a'],
    ['abacb', '', 'b>a'],
    ['abcbd', 'c', 'c>b'],
    ['abcbac', 'b', 'c>b b>a'],
  ])('after %j is %j, by %j', (letters, left, returns) => {
    const line = trace(letters);
    expect([...line.left.keys()].sort().join('')).toBe(left);
    expect(line.returns.map(({ from, to }) => `${from}>${to}`).join(' ')).toBe(returns);
  });

  test('knows whether the last step went back', () => {
    expect(['ab', 'aba', 'abaa', 'abac'].map((letters) => trace(letters).endsInReturn)).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });
});
