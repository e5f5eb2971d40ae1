import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { listModules, readModule, withModuleTables } from '../../scripts/terraform-tables.ts';

const TERRAFORM = join(import.meta.dirname, '..', '..', 'terraform');
const modules = listModules(TERRAFORM);

test('every folder with variables is a module to document', () => {
  expect(modules).toEqual(
    expect.arrayContaining([
      'bootstrap',
      'modules/ecs-service',
      'stacks/foundation',
      'environments/settings',
    ]),
  );
});

describe.each(modules)('the module %s', (module) => {
  const folder = join(TERRAFORM, module);
  const { variables, outputs } = readModule(folder);

  test('has a README with the tables of its files', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(withModuleTables(readme, { variables, outputs })).toBe(readme);
  });

  test('describes every variable and output, and types every variable', () => {
    const bare = [...variables, ...outputs].filter(({ description }) => description === '');
    expect(bare).toEqual([]);
    expect(variables.filter(({ type }) => type === '')).toEqual([]);
  });
});

test('shows an object by its attributes, optional ones marked, and a default on one line', () => {
  const { variables } = readModule(join(TERRAFORM, 'modules', 'alb'));
  expect(variables.find(({ name }) => name === 'certificate')).toMatchObject({
    type: 'object({ mode, arn?, domain?, zone_id?, ssm_path?, version? })',
  });
  expect(variables.find(({ name }) => name === 'allowed_cidrs')).toMatchObject({
    type: 'set(string)',
    fallback: '["0.0.0.0/0"]',
  });
});

test('refuses a README without its markers', () => {
  expect(() => withModuleTables('# network\n', { variables: [], outputs: [] })).toThrow(
    'expected one <!-- inputs --> and one <!-- /inputs --> after it',
  );
});
