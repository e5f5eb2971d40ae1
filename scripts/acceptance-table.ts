import { type TestReport, titlePattern } from './rule-table.ts';

/** A file that answers a row, or one test in it. */
export interface Answer {
  readonly path: string;
  readonly title?: string;
}

/** One row of docs/acceptance.md. */
export interface AcceptanceRow {
  readonly id: string;
  /** Number and lines of the seed document, such as `002:42`. */
  readonly seed: string;
  readonly landsIn: string;
  readonly check: string;
  readonly answers: readonly Answer[];
  /** What the row waits for, where it belongs to later work. */
  readonly later?: string;
}

/**
 * The rows of the page's tables. A last cell is empty, or `later: <what>`, or answers of the form `` `path` `` or
 * `` `path` › title ``, set apart by `<br>`; another one throws.
 */
export function parseAcceptance(page: string): AcceptanceRow[] {
  return page
    .split('\n')
    .filter((line) => /^\| [A-E]\d+[a-f]? \|/.test(line))
    .map((line) => {
      // A bar inside a cell is written \|.
      const [id = '', seed = '', , , landsIn = '', check = '', cell = ''] = line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((text) => text.trim());
      return { id, seed, landsIn, check, ...parseCell(id, cell) };
    });
}

function parseCell(id: string, cell: string): Pick<AcceptanceRow, 'answers' | 'later'> {
  const [, later] = /^later: (.+)$/.exec(cell) ?? [];
  if (later !== undefined) return { answers: [], later };
  const answers = cell === '' ? [] : cell.split('<br>');
  return {
    answers: answers.map((answer) => {
      const [, path, title] = /^`([^`]+)`(?: › (.+))?$/.exec(answer) ?? [];
      if (path === undefined)
        throw new Error(
          `${id} is answered by "${answer}"; write \`path\`, \`path\` › title, or later: <what>.`,
        );
      return title === undefined ? { path } : { path, title };
    }),
  };
}

/** How many rows name something, how many wait for later work, and which say nothing yet. */
export function countRows(rows: readonly AcceptanceRow[]): {
  answered: number;
  later: number;
  open: string[];
} {
  return {
    answered: rows.filter(({ answers }) => answers.length > 0).length,
    later: rows.filter(({ later }) => later !== undefined).length,
    open: rows
      .filter(({ answers, later }) => answers.length === 0 && later === undefined)
      .map(({ id }) => id),
  };
}

/**
 * Answers that name a test, or a file of tests, of which nothing passed in any of the runs or something failed, each
 * once with the rows it answers. A title may also be that of a `describe`: then all that it holds counts.
 * `isLeftOut` where the test was there, and the machine had no means for it.
 * @param reports whose file names are paths from the repository
 */
export function unprovenAnswers(rows: readonly AcceptanceRow[], reports: readonly TestReport[]): Unproven[] {
  const results = new Map(
    reports.flatMap(({ testResults }) =>
      testResults.map(({ name, assertionResults }) => [name, assertionResults] as const),
    ),
  );
  const unproven = rows.flatMap(({ id, answers }) =>
    answers.flatMap((answer) => {
      const test = testOf(answer);
      const outcome = test && outcomeOf(results.get(test.path) ?? [], test.title);
      return outcome === undefined || outcome === 'passed' ? [] : [{ answer, id, outcome }];
    }),
  );
  const alike = Map.groupBy(unproven, ({ answer: { path, title } }) => JSON.stringify([path, title]));
  return [...alike.values()].flatMap((same) =>
    same.slice(0, 1).map(({ answer, outcome }) => ({
      ...answer,
      ids: same.map(({ id }) => id),
      isLeftOut: outcome === 'left out',
    })),
  );
}

/** An answer whose test did not pass, with the rows that stand on it. */
export type Unproven = Answer & { readonly ids: readonly string[]; readonly isLeftOut: boolean };

type Results = TestReport['testResults'][number]['assertionResults'];

function outcomeOf(results: Results, title: string | undefined): 'passed' | 'left out' | 'not passed' {
  const pattern = title === undefined ? /^/ : titlePattern(title);
  const meant = results.filter(({ title: own, ancestorTitles }) =>
    [own, ...ancestorTitles].some((name) => name === title || pattern.test(name)),
  );
  const some = (wanted: string): boolean => meant.some(({ status }) => status === wanted);
  if (some('failed')) return 'not passed';
  if (some('passed')) return 'passed';
  return some('pending') ? 'left out' : 'not passed';
}

/** The test of jest that an answer stands on; none for a file that holds no test. */
function testOf({ path, title }: Answer): Answer | undefined {
  const [, module] = /^terraform\/(.+)\/tests\/[^/]+\.tftest\.hcl$/.exec(path) ?? [];
  // Terraform's own tests run together, module by module.
  if (module !== undefined) return { path: 'test/terraform/modules.test.itg.ts', title: `${module} pass` };
  if (!/\.test(\.itg|\.long)?\.ts$/.test(path)) return undefined;
  return title === undefined ? { path } : { path, title };
}
