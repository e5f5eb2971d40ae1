import { describe, expect, it } from '@jest/globals';
import { parseRules, titlePattern, unprovenRules } from '../scripts/rule-table.ts';

const PAGE = `
| Question | Here |
| --- | --- |
| no rule | at all |

| Rule | Source | Test |
| --- | --- | --- |
| Tasks end | Guide | ends every task |
| Colours differ | Choice | has the colour %s, the %2$s and $name.first |
`;
const [ends, colours] = parseRules(PAGE);
const report = (...results: [title: string, status: string][]) => ({
  testResults: [
    {
      name: 'a.test.ts',
      assertionResults: results.map(([title, status]) => ({ title, ancestorTitles: [], status })),
    },
  ],
});

describe('a page of rules', () => {
  it('is read from its tables of rules only', () => {
    expect(parseRules(PAGE).map(({ rule }) => rule)).toEqual(['Tasks end', 'Colours differ']);
    expect(ends).toEqual({ rule: 'Tasks end', source: 'Guide', test: 'ends every task' });
  });
});

describe('a rule', () => {
  it.each([
    ['passed', []],
    ['failed', [ends]],
    ['pending', [ends]],
  ])('whose test has %s leaves unproven: %j', (status, unproven) => {
    const rules = ends ? [ends] : [];
    expect(unprovenRules(rules, [report(['ends every task', status])])).toEqual(unproven);
  });

  it('whose test did not run is unproven', () => {
    expect(unprovenRules(parseRules(PAGE), [report(['another', 'passed'])])).toEqual([ends, colours]);
  });

  it('stands on any row of its table', () => {
    const passed = report(['has the colour red, the second and Ada', 'passed']);
    expect(unprovenRules(colours ? [colours] : [], [report(), passed])).toEqual([]);
    expect(titlePattern('of (%s)').test('of (x)')).toBe(true);
    expect(titlePattern('of (%s)').test('of x')).toBe(false);
  });
});
