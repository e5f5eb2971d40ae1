import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { ensurePythonTools } from '../local/machine/python-tools.ts';

const ROOT = join(import.meta.dirname, '..');
const files = ['.github/workflows', 'workflows'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => join(folder, name)),
);

let bin: string;
beforeAll(async () => {
  ({ bin } = await ensurePythonTools(['zizmor', 'actionlint']));
});

/** What a linter prints on a red exit; empty when it found nothing. */
function findings(program: string, args: string[]): string {
  try {
    execFileSync(join(bin, program), args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    return '';
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return `${stdout}${stderr}` || String(error);
  }
}

test('actionlint finds nothing in any workflow', () => {
  expect(findings('actionlint', files)).toBe('');
});

test('zizmor finds nothing, even as a pedant', () => {
  expect(
    findings('zizmor', ['--offline', '--persona', 'pedantic', '--quiet', '.github', 'workflows', 'actions']),
  ).toBe('');
});
