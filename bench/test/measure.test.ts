import { expect, test } from '@jest/globals';
import { measure, percentile, renderColumns } from '../measure.ts';

test.each([
  [[], 50, 0],
  [[7], 90, 7],
  [[3, 1, 2], 50, 2],
  [[4, 1, 2, 3], 50, 2.5],
  [[10, 20], 10, 11],
])('of %j, percentile %d is %d', (numbers, percent, expected) => {
  expect(percentile(numbers, percent)).toBeCloseTo(expected);
});

test('warm-up runs do not count', async () => {
  let run = 0;
  const series = await measure(async () => ++run, 3, 2);
  expect(series).toMatchObject({ runs: 3, medianMs: 4 });
});

test('columns are padded to the widest cell, figures at the right', () => {
  expect(
    renderColumns(
      ['name', 'ms'],
      [
        ['a', '1'],
        ['long name', '12.5'],
      ],
    ),
  ).toBe(['name         ms', '---------  ----', 'a             1', 'long name  12.5'].join('\n'));
});
