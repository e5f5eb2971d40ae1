import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  listActions,
  readActionFile,
  withActionsTable,
  withActionTables,
} from '../../scripts/action-tables.ts';
import { inputs as assumeIn, outputs as assumeOut } from '../assume-role/src/inputs.ts';
import { inputs as buildIn, outputs as buildOut } from '../build-and-push/src/inputs.ts';
import type { InputSpecs } from '../core/src/github/inputs.ts';
import { inputs as deployIn, outputs as deployOut } from '../deploy-service/src/inputs.ts';
import { inputs as detectIn, outputs as detectOut } from '../detect-changes/src/inputs.ts';
import { inputs as renderIn, outputs as renderOut } from '../render-task-def/src/inputs.ts';
import { inputs as rollbackIn, outputs as rollbackOut } from '../rollback/src/inputs.ts';
import { inputs as smokeIn, outputs as smokeOut } from '../smoke-test/src/inputs.ts';
import { inputs as applyIn, outputs as applyOut } from '../terraform-apply/src/inputs.ts';
import { inputs as planIn, outputs as planOut } from '../terraform-plan/src/inputs.ts';
import { inputs as waitIn, outputs as waitOut } from '../wait-for-stable/src/inputs.ts';

interface Declared {
  inputs: InputSpecs;
  outputs: readonly string[];
  /** Whether it has something to do at the end of the job. */
  after?: boolean;
}

/** What the code of each action declares. */
const declared: Readonly<Record<string, Declared>> = {
  'assume-role': { inputs: assumeIn, outputs: assumeOut },
  'build-and-push': { inputs: buildIn, outputs: buildOut },
  'deploy-service': { inputs: deployIn, outputs: deployOut, after: true },
  'detect-changes': { inputs: detectIn, outputs: detectOut },
  'render-task-def': { inputs: renderIn, outputs: renderOut },
  rollback: { inputs: rollbackIn, outputs: rollbackOut },
  'smoke-test': { inputs: smokeIn, outputs: smokeOut },
  'terraform-apply': { inputs: applyIn, outputs: applyOut },
  'terraform-plan': { inputs: planIn, outputs: planOut },
  'wait-for-stable': { inputs: waitIn, outputs: waitOut },
};

const folder = join(import.meta.dirname, '..');
const names = listActions(folder);
const readText = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');

test('knows the code of every action', () => {
  expect([...names].sort()).toEqual(Object.keys(declared));
});

describe.each(names)('%s', (name) => {
  const file = readActionFile(folder, name);
  const code: Declared = declared[name] ?? { inputs: {}, outputs: [] };

  test('declares the same inputs in action.yml and in the code, with the same defaults', () => {
    const inFile = Object.entries(file.inputs ?? {}).map(
      ([input, { required = false, default: text = '' }]) => [input, { required, default: text }],
    );
    const inCode = Object.entries(code.inputs).map(([input, spec]) => [
      input,
      { required: spec.required, default: spec.default },
    ]);
    expect(Object.fromEntries(inFile)).toEqual(Object.fromEntries(inCode));
  });

  test('declares the same outputs in action.yml and in the code', () => {
    expect(Object.keys(file.outputs ?? {}).sort()).toEqual([...code.outputs].sort());
  });

  test('says of every input and output what it is, in a sentence', () => {
    const all = { ...file.inputs, ...file.outputs, [name]: { description: file.description } };
    for (const [key, { description }] of Object.entries(all)) {
      expect(`${key}: ${description}`).toMatch(/^[a-z-]+: [A-Z`].{20,}[.;`]$/);
    }
  });

  test('runs its bundle on Node 24', () => {
    const post = code.after ? { post: 'dist/index.js' } : {};
    expect(file.runs).toEqual({ using: 'node24', main: 'dist/index.js', ...post });
  });

  test('has a README whose tables are those of action.yml', () => {
    const readme = readText(name, 'README.md');
    expect(withActionTables(readme, file)).toBe(readme);
  });

  test('keeps its entry short', () => {
    expect(readText(name, 'src', 'index.ts').split('\n').length).toBeLessThanOrEqual(40);
  });
});

test('has a page that lists the actions', () => {
  const page = readText('README.md');
  expect(
    withActionsTable(
      page,
      names.map((name) => [name, readActionFile(folder, name)] as const),
    ),
  ).toBe(page);
});

test('refuses a document without its markers', () => {
  const file = { name: 'x', description: 'X.', runs: { using: 'node24', main: 'dist/index.js' } };
  expect(() => withActionTables('# x', file)).toThrow('expected one <!-- inputs -->');
});
