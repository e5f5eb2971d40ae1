import { describe, expect, it } from '@jest/globals';
import { countRows, parseAcceptance, unprovenAnswers } from '../scripts/acceptance-table.ts';

const row = (id: string, answeredBy: string): string =>
  `| ${id} | 000:1-3 | doc | "a \\| b" | SVC order | http, event | ${answeredBy} |`;
const MODULE = 'terraform/modules/alb/tests/alb.tftest.hcl';

/** A report of `a.test.ts` and of Terraform's modules. */
const report = (...results: [title: string, status: string, ...around: string[]][]) => [
  {
    testResults: ['a.test.ts', 'test/terraform/modules.test.itg.ts'].map((name) => ({
      name,
      assertionResults: results.map(([title, status, ...ancestorTitles]) => ({
        title,
        ancestorTitles,
        status,
      })),
    })),
  },
];

describe('the acceptance page', () => {
  it('is read from its tables', () => {
    const page = ['| ID | Seed:line |', '|---|---|', row('A01', '`a.md`<br>`a.test.ts` › says: so'), 'end'];
    expect(parseAcceptance(page.join('\n'))).toEqual([
      {
        id: 'A01',
        seed: '000:1-3',
        landsIn: 'SVC order',
        check: 'http, event',
        answers: [{ path: 'a.md' }, { path: 'a.test.ts', title: 'says: so' }],
      },
    ]);
  });

  it('counts what is answered, what is later work and what is open', () => {
    const rows = parseAcceptance(
      [row('A01', '`a.md`'), row('A02', 'later: a weekly drill'), row('A03', '')].join('\n'),
    );
    expect(rows[1]?.later).toBe('a weekly drill');
    expect(countRows(rows)).toEqual({ answered: 1, later: 1, open: ['A03'] });
  });

  it.each(['soon', '`a.md` and more', '`a.md`<br>', 'later:'])('refuses the cell %j', (cell) => {
    expect(() => parseAcceptance(row('A01', cell))).toThrow('A01 is answered by');
  });
});

describe('an answer', () => {
  it.each<[string, string, ReturnType<typeof report>, boolean]>([
    ['a file without tests', '`a.md`', report(), true],
    ['a test that passed', '`a.test.ts` › says so', report(['says so', 'passed']), true],
    ['a test that failed', '`a.test.ts` › says so', report(['says so', 'failed']), false],
    ['a test that was left out', '`a.test.ts` › says so', report(['says so', 'pending']), false],
    ['a test of another file', '`b.test.ts` › says so', report(['says so', 'passed']), false],
    ['a table, a row of which passed', '`a.test.ts` › says %s', report(['says so', 'passed']), true],
    ['a describe', '`a.test.ts` › the sun', report(['shines', 'passed', 'the sun']), true],
    [
      'a table, a row of which failed',
      '`a.test.ts` › says %s',
      report(['says so', 'passed'], ['says no', 'failed']),
      false,
    ],
    ['a file of tests', '`a.test.ts`', report(['says so', 'passed']), true],
    ['a file of tests none of which ran', '`a.test.ts`', report(), false],
    ["a module's tests", `\`${MODULE}\` › is_open`, report(['modules/alb pass', 'passed']), true],
    [
      "a module's tests that failed",
      `\`${MODULE}\` › is_open`,
      report(['modules/alb pass', 'failed']),
      false,
    ],
  ])('%s', (_what, cell, reports, isProven) => {
    expect(unprovenAnswers(parseAcceptance(row('A01', cell)), reports)).toHaveLength(isProven ? 0 : 1);
  });

  it('is told once with all the rows that stand on it', () => {
    const page = ['A01', 'A02'].map((id) => row(id, '`a.test.ts` › says so')).join('\n');
    expect(unprovenAnswers(parseAcceptance(page), [])).toEqual([
      { path: 'a.test.ts', title: 'says so', ids: ['A01', 'A02'], isLeftOut: false },
    ]);
  });

  it('is told apart where the machine had no means for its test', () => {
    const rows = parseAcceptance(row('A01', '`a.test.ts` › says so'));
    const left = (...statuses: string[]) =>
      unprovenAnswers(rows, report(...statuses.map((status): [string, string] => ['says so', status])));
    expect(left('pending')).toMatchObject([{ ids: ['A01'], isLeftOut: true }]);
    expect(left('pending', 'failed')).toMatchObject([{ ids: ['A01'], isLeftOut: false }]);
    expect(left('pending', 'passed')).toEqual([]);
  });
});
