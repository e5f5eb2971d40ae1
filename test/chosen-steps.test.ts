import { describe, expect, test } from '@jest/globals';
import { chooseSteps, type Run } from '../scripts/chosen-steps.ts';

const steps = {
  lint: {},
  'unit tests': { runs: ['unit'] },
  tools: { runs: ['platform', 'itg'] },
  'platform tests': { runs: ['platform'] },
  'integration tests': { runs: ['itg'] },
} as const;
const all = ['lint', 'unit tests', 'tools', 'platform tests', 'integration tests'] as const;
const choose = (names: readonly (typeof all)[number][], found: readonly Run[]) =>
  chooseSteps(steps, names, ['services/order'], new Set(found));

describe('a choice of tests', () => {
  test.each<[Run[], string[]]>([
    [['unit'], ['lint', 'unit tests']],
    [['platform'], ['lint', 'tools', 'platform tests']],
    [
      ['unit', 'itg'],
      ['lint', 'unit tests', 'tools', 'integration tests'],
    ],
  ])('with a test in %j has the steps %j', (found, expected) => {
    const { chosen, passedOver } = choose(all, found);
    expect(chosen).toEqual(expected);
    expect([...chosen, ...passedOver].sort()).toEqual([...all].sort());
  });

  test('with no test in any step is refused', () => {
    expect(() => choose(['lint', 'unit tests'], [])).toThrow(
      'No test file of this run matches services/order: write part of the path of one, for example actions/core.',
    );
  });
});
