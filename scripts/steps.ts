/**
 * The steps that `npm run check` and `npm test` are made of. Each runs a tool as a child process with its output
 * shown, and yields how many checks passed and failed.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DockerEngine, ensureDockerEngine } from '../local/machine/docker-engine.ts';
import { runProgram } from '../local/machine/run-program.ts';
import { chooseSteps, type Run, type TestStep } from './chosen-steps.ts';

const ROOT = join(import.meta.dirname, '..');
const REPORTS = join(ROOT, '.berth', 'reports');
/** Parts of the paths of the tests to run; empty for all. */
const CHOICE = process.argv.slice(2);

/**
 * How many checks of a step passed and failed, and how many the machine had no means for; a tool without a count of its
 * own counts as one.
 */
export interface Tally {
  passed: number;
  failed: number;
  leftOut: number;
}

export type StepName =
  | 'types'
  | 'lint'
  | 'lock file'
  | 'unit tests'
  | 'long properties'
  | 'documents'
  | 'bundles'
  | 'tools'
  | 'platform tests'
  | 'integration tests'
  | 'rules';

/** A step: the arguments for Node, and where its counts come from. */
interface Step extends TestStep {
  args: string[];
  /** The jest report to count, when the step is a jest run. */
  report?: string;
  /** Whether most of its suites need a Docker engine. */
  needsEngine?: boolean;
}

const jestArgs = (run: Run): string[] => [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '-c',
  `test/jest.${run}.config.mjs`,
  ...CHOICE,
];

function jest(run: Run, name: string): Step {
  const report = join(REPORTS, name);
  return { args: [...jestArgs(run), '--json', `--outputFile=${report}`], report, runs: [run] };
}

const STEPS: Readonly<Record<StepName, Step>> = {
  types: { args: ['node_modules/typescript/bin/tsc', '-p', '.'] },
  lint: { args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'] },
  'lock file': { args: ['scripts/complete-lock.mjs', '--check'] },
  'unit tests': jest('unit', 'unit.json'),
  'long properties': jest('long', 'long.json'),
  documents: { args: ['scripts/docs.ts', '--check'] },
  bundles: { args: ['--disable-warning=ExperimentalWarning', 'scripts/build.ts', '--check'] },
  tools: { args: ['scripts/tools.ts'], runs: ['platform', 'itg'] },
  'platform tests': jest('platform', 'platform.json'),
  'integration tests': { ...jest('itg', 'integration.json'), needsEngine: true },
  rules: { args: ['scripts/rules.ts', ...CHOICE] },
};

/**
 * Runs the named steps one after the other, all of them even when one fails, and adds up their counts. Where tests are
 * chosen, steps that have none of them are passed over; that no step has one counts as a failure, before anything runs.
 */
export async function runSteps(names: readonly StepName[]): Promise<Tally> {
  const chosen = CHOICE.length > 0 ? await tryChoose(names) : names;
  if (!chosen) return { passed: 0, failed: 1, leftOut: 0 };
  mkdirSync(REPORTS, { recursive: true });
  const total: Tally = { passed: 0, failed: 0, leftOut: 0 };
  for (const name of chosen) {
    const started = Date.now();
    const tally = await runStep(STEPS[name]);
    console.log(`${tally.failed ? '✗' : '✓'} ${name}: ${wordsOf(tally)} (${seconds(started)} s)\n`);
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.leftOut += tally.leftOut;
  }
  return total;
}

/** Prints the closing line and gives the exit code: 0 only if something passed and nothing failed. */
export function printTally(tally: Tally): number {
  const { passed, failed } = tally;
  console.log(wordsOf(tally));
  return failed === 0 && passed > 0 ? 0 : 1;
}

const wordsOf = ({ passed, failed, leftOut }: Tally): string =>
  `${passed} passed, ${failed} failed${leftOut > 0 ? `, ${leftOut} left out` : ''}`;

const seconds = (since: number): string => ((Date.now() - since) / 1000).toFixed(1);

/** The steps that have chosen tests, or none of their own; says which are passed over, or why there are none. */
async function tryChoose(names: readonly StepName[]): Promise<StepName[] | undefined> {
  const runs = [...new Set(names.flatMap((name) => STEPS[name].runs ?? []))];
  const found = await Promise.all(runs.map(async (run) => ((await hasTests(run)) ? [run] : [])));
  try {
    const { chosen, passedOver } = chooseSteps(STEPS, names, CHOICE, new Set(found.flat()));
    for (const name of passedOver)
      console.log(`– ${name}: passed over, none of its tests matches ${CHOICE.join(' ')}`);
    return chosen;
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}

/** Whether a run has a test of the choice; what jest cannot answer, its run will say. */
async function hasTests(run: Run): Promise<boolean> {
  const { code, stdout } = await runProgram(process.execPath, [...jestArgs(run), '--listTests'], {
    cwd: ROOT,
  });
  return code !== 0 || stdout.trim() !== '';
}

async function runStep(step: Step): Promise<Tally> {
  if (step.report) rmSync(step.report, { force: true });
  const engine = step.needsEngine ? await tryHoldEngine() : undefined;
  const exit = await new Promise<number>((resolve) => {
    const child = spawn(process.execPath, step.args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('exit', (code) => resolve(code ?? 1));
  });
  await engine?.release();
  const tally = step.report ? countReport(step.report) : undefined;
  if (!tally) return exit === 0 ? { passed: 1, failed: 0, leftOut: 0 } : { passed: 0, failed: 1, leftOut: 0 };
  // A suite that did not load has no tests to count; the exit code still tells that something failed.
  return exit !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

/**
 * Holds the Docker engine from before the first suite until after the last: each that let go of it as the only one would
 * end it, and the next would start another and make its images anew. Chosen tests may need none and get it themselves;
 * where there can be none, the suites say so.
 */
async function tryHoldEngine(): Promise<DockerEngine | undefined> {
  return CHOICE.length > 0 ? undefined : ensureDockerEngine({ log: console.log }).catch(() => undefined);
}

function countReport(path: string): Tally | undefined {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>;
    return {
      passed: report.numPassedTests ?? 0,
      failed: (report.numFailedTests ?? 0) + (report.numRuntimeErrorTestSuites ?? 0),
      leftOut: report.numPendingTests ?? 0,
    };
  } catch {
    return undefined;
  }
}
