/** One row of a page of rules: what holds, where that comes from, and the title of the test that proves it. */
export interface Rule {
  rule: string;
  source: string;
  test: string;
}

/** The rows of a page's tables whose head is `Rule | Source | Test`. */
export function parseRules(page: string): Rule[] {
  let isRules = false;
  return page.split('\n').flatMap((line) => {
    const [, rule = '', source = '', test = ''] = line.split('|').map((cell) => cell.trim());
    if (!line.startsWith('|')) isRules = false;
    else if (rule === 'Rule' && source === 'Source' && test === 'Test') isRules = true;
    else if (isRules && !rule.startsWith('---')) return [{ rule, source, test }];
    return [];
  });
}

/**
 * Matches what a test's title becomes when it runs: `%s`, `%3$s` and `$name` stand for any text, as jest fills
 * them in from a table.
 */
export function titlePattern(title: string): RegExp {
  const open = /%(?:\d+\$)?[a-zA-Z#]|\$[a-zA-Z_.]+/;
  const texts = title.split(new RegExp(open, 'g')).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${texts.join('.*')}$`, 's');
}

/** What jest writes with `--json`, as far as it is looked at. */
export interface TestReport {
  readonly testResults: readonly {
    /** Path of the test file. */
    readonly name: string;
    readonly assertionResults: readonly {
      readonly title: string;
      /** Titles of the `describe`s around it, the outermost first. */
      readonly ancestorTitles: readonly string[];
      readonly status: string;
    }[];
  }[];
}

/** Rules whose test did not pass in any of the runs, be it that it failed, was skipped or is not there. */
export function unprovenRules(rules: readonly Rule[], reports: readonly TestReport[]): Rule[] {
  const passed = reports.flatMap(({ testResults }) =>
    testResults.flatMap(({ assertionResults }) =>
      assertionResults.flatMap(({ title, status }) => (status === 'passed' ? [title] : [])),
    ),
  );
  const titles = new Set(passed);
  return rules.filter(({ test }) => {
    if (titles.has(test)) return false;
    const pattern = titlePattern(test);
    return !passed.some((title) => pattern.test(title));
  });
}
