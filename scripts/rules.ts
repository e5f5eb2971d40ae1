/**
 * The last step of `npm test`: every rule of docs/*-rules.md, and every row of docs/acceptance.md that names a test,
 * stands on a test that has just passed. Reads what the test runs before it have written to .berth/reports. A run of
 * chosen tests only proves nothing and is passed over.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hasTerraform } from '../local/terraform/run-terraform.ts';
import { countRows, parseAcceptance, unprovenAnswers } from './acceptance-table.ts';
import { parseRules, type TestReport, unprovenRules } from './rule-table.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGES = ['ecs-rules.md', 'load-balancer-and-registry-rules.md'];
const REPORTS = ['unit.json', 'long.json', 'platform.json', 'integration.json'];

/**
 * What jest has just written itself, with the files' paths from the repository; a run that broke off before its report
 * proves nothing.
 */
function readReports(name: string): TestReport[] {
  const path = join(ROOT, '.berth', 'reports', name);
  if (!existsSync(path)) return [];
  const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as TestReport;
  return [{ testResults: testResults.map((file) => ({ ...file, name: relative(ROOT, file.name) })) }];
}

const readPage = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8');

/** Says which rules stand on no test that passed; gives how many. */
function compareRules(reports: readonly TestReport[]): number {
  const rules = PAGES.flatMap((page) => parseRules(readPage(page)));
  const unproven = unprovenRules(rules, reports);
  for (const { rule, test } of unproven) console.error(`No test passed for "${rule}": ${test}`);
  console.log(`${rules.length - unproven.length} of ${rules.length} rules stand on a test that passed.`);
  return unproven.length;
}

/**
 * Says how far the seed documents are answered, and which answers name a test that did not pass; gives how many. On a
 * machine without Terraform its tests are left out, and so are they here.
 */
async function compareAcceptance(reports: readonly TestReport[]): Promise<number> {
  const rows = parseAcceptance(readPage('acceptance.md'));
  const { answered, later, open } = countRows(rows);
  const mayLeaveOut = !(await hasTerraform(process.env));
  const { true: leftOut = [], false: unproven = [] } = Object.groupBy(
    unprovenAnswers(rows, reports),
    ({ isLeftOut }) => `${isLeftOut && mayLeaveOut}` as const,
  );
  if (leftOut.length > 0)
    console.log(`${leftOut.length} tests that rows stand on were left out: there is no Terraform.`);
  for (const { ids, path, title = 'its tests' } of unproven)
    console.error(`No pass of what answers ${ids.join(', ')}: ${path} › ${title}`);
  const rest = open.length > 0 ? `, ${open.length} not yet (${open.join(', ')})` : '';
  console.log(
    `${answered} of ${rows.length} acceptance rows are answered, ${later} belong to later work${rest}.`,
  );
  return unproven.length;
}

async function main(): Promise<number> {
  if (process.argv.length > 2) {
    console.log('Not all tests were run: rules and acceptance are not compared.');
    return 0;
  }
  const reports = REPORTS.flatMap(readReports);
  const unproven = compareRules(reports) + (await compareAcceptance(reports));
  return unproven === 0 ? 0 : 1;
}

process.exitCode = await main();
