/**
 * The last step of `npm test`: every rule of docs/*-rules.md stands on a test that has just passed. Reads what
 * the test runs before it have written to .berth/reports. A run of chosen tests only proves nothing and is
 * passed over.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRules, type TestReport, unprovenRules } from './rule-table.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGES = ['ecs-rules.md', 'load-balancer-and-registry-rules.md'];
const REPORTS = ['unit.json', 'long.json', 'integration.json'];

/** What jest has just written itself; a run that broke off before its report proves nothing. */
function readReports(name: string): TestReport[] {
  const path = join(ROOT, '.berth', 'reports', name);
  return existsSync(path) ? [JSON.parse(readFileSync(path, 'utf8')) as TestReport] : [];
}

function main(): number {
  if (process.argv.length > 2) {
    console.log('Not all tests were run: the rules are not compared.');
    return 0;
  }
  const rules = PAGES.flatMap((page) => parseRules(readFileSync(join(ROOT, 'docs', page), 'utf8')));
  const unproven = unprovenRules(rules, REPORTS.flatMap(readReports));
  for (const { rule, test } of unproven) console.error(`No test passed for "${rule}": ${test}`);
  console.log(`${rules.length - unproven.length} of ${rules.length} rules stand on a test that passed.`);
  return unproven.length === 0 ? 0 : 1;
}

process.exitCode = main();
