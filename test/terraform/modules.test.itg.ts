import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { TerraformResult } from '../../local/terraform/run-terraform.ts';
import { test } from '../../local/terraform/test/needs-terraform.ts';
import { listModules } from '../../scripts/terraform-tables.ts';
import { copyTree, TERRAFORM, type Tree, testedModules } from './tree.ts';

const modules = testedModules();
const results = new Map<string, { validate: TerraformResult; test: TerraformResult }>();
let tree: Tree;

/**
 * Three at a time, as there are two cores and each waits now and then: a module's three commands one after the other,
 * and those with most tests first.
 */
beforeAll(async () => {
  tree = await copyTree();
  const waiting = listModules(TERRAFORM).sort((one, other) => sizeOfTests(other) - sizeOfTests(one));
  const worker = async (): Promise<void> => {
    for (let module = waiting.shift(); module !== undefined; module = waiting.shift()) {
      await tree.run(module, 'init', '-backend=false', '-input=false');
      const validate = await tree.tryRun(module, 'validate', '-no-color');
      results.set(module, { validate, test: await tree.tryRun(module, 'test', '-no-color') });
    }
  };
  await Promise.all([worker(), worker(), worker()]);
});
afterAll(() => tree?.remove());

function sizeOfTests(module: string): number {
  const folder = join(TERRAFORM, module, 'tests');
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.reduce((total, file) => total + statSync(join(folder, file)).size, 0);
}

test('all files are formatted', async () => {
  const { code, stdout } = await tree.tryRun('', 'fmt', '-check', '-recursive');
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
});

test.each(listModules(TERRAFORM))('%s is valid', (module) => {
  const { stdout, stderr } = results.get(module)?.validate ?? {};
  expect(`${stderr}${stdout}`).toContain('Success! The configuration is valid.');
});

test('every module and root has tests', () => {
  expect(listModules(TERRAFORM).filter((module) => !modules.includes(module))).toEqual([]);
});

describe('the tests of', () => {
  test.each(modules)('%s pass', (module) => {
    const { code, stdout = '', stderr = '' } = results.get(module)?.test ?? {};
    const failures = stdout.split('\n').filter((line) => /\.\.\. (fail|skip)/.test(line));
    expect({ code, failures, stderr }).toEqual({ code: 0, failures: [], stderr: '' });
    expect(stdout).toMatch(/Success! [1-9]\d* passed, 0 failed/);
  });
});
