import { describe, expect, test } from '@jest/globals';
import { evaluateMath, idsOf, parseMath } from '../engine/metric-math.ts';

const evaluate = (text: string, values: Record<string, number | undefined> = {}) =>
  evaluateMath(parseMath(text), { values: new Map(Object.entries(values)), metrics: Object.keys(values) });

describe('metric math', () => {
  test.each<[string, Record<string, number | undefined>, number | undefined]>([
    ['1 + 2 * 3', {}, 7],
    ['(1 + 2) * 3', {}, 9],
    ['2 ^ 3 / 4 - 1', {}, 1],
    ['-m1 + 1e1', { m1: 4 }, 6],
    ['8 / 2 / 2', {}, 2],
    ['m1 / m2', { m1: 90, m2: 3 }, 30],
    ['m1 / m2', { m1: 90, m2: 0 }, undefined],
    ['m1 + m2', { m1: 90, m2: undefined }, undefined],
    ['m1 / IF(m2 > 0, m2, 1)', { m1: 90, m2: 0 }, 90],
    ['m1 / IF(m2 > 0, m2, 1)', { m1: 90, m2: 3 }, 30],
    ['IF(m1 >= 5 AND m1 <= 9, 1, 0)', { m1: 9 }, 1],
    ['IF(m1 < 5 OR m1 == 9, 1, 0)', { m1: 9 }, 1],
    ['IF(m1 != 9, 1)', { m1: 9 }, undefined],
    ['FILL(m1, 0) + FILL(m2, 0)', { m1: 7, m2: undefined }, 7],
    ['SUM(METRICS())', { m1: 7, m2: undefined, m3: 3 }, 10],
    ['AVG([m1, m2])', { m1: 7, m2: 3 }, 5],
    ['MAX([m1, m2]) - MIN([m1, m2])', { m1: 7, m2: 3 }, 4],
    ['SUM(METRICS())', { m1: undefined }, undefined],
    ['CEIL(m1) + FLOOR(m1) + ABS(-1)', { m1: 2.5 }, 6],
    ['METRICS()', { m1: 1 }, undefined],
  ])('%s of %j is %s', (text, values, result) => {
    expect(evaluate(text, values)).toBe(result);
  });

  test.each([
    ['RATE(m1)', 'the local AWS does not know RATE; it knows ABS,'],
    ['m1 +', 'expected more, found its end'],
    ['(m1', 'expected ,, found its end'],
    ['m1 m2', 'm2 is not expected there'],
    ['m1 % 2', "'% 2' is not understood"],
    ['IF(m1)', 'IF takes 2 to 3 parts, not 1'],
    ['* 2', '* is not expected there'],
    ['()', 'parentheses hold one expression'],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => parseMath(text)).toThrow(message);
  });

  test('tells which metrics an expression looks at', () => {
    expect(idsOf(parseMath('m1 / IF(m2 > 0, -m2, [m3, 1])'))).toEqual(['m1', 'm2', 'm2', 'm3']);
  });
});
