import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');

/** Runs the demo as a user does and collects what it prints. */
function runDemo(): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['scripts/run.mjs', 'local/demo/demo.ts'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.on('exit', (exitCode) => resolve({ exitCode, output }));
  });
}

test('carries a commit to a live service and three bad ones back, without a failed request or a lost mail', async () => {
  const { exitCode, output } = await runDemo();
  const rows = output.split('\n').filter((line) => /^[✓✗] {2}/.test(line));
  expect({
    exitCode,
    wrong: rows.filter((row) => row.startsWith('✗')),
    output: exitCode === 0 ? '' : output,
  }).toEqual({
    exitCode: 0,
    wrong: [],
    output: '',
  });
  expect(rows.map((row) => row.split(/ {2,}/).slice(1, 3))).toEqual([
    ['first images', 'built'],
    ['deregistering with the deploy role', 'refused'],
    ['a good commit', 'succeeded'],
    ['a mail becomes an object', 'stored'],
    ['a bad commit: crashes at start', 'rolled-back'],
    ['a bad commit: fails its health check', 'rolled-back'],
    ['a bad commit: answers wrongly', 'smoke-test fail, carried back'],
    ['rollback by hand', 'carried back'],
    ['terraform plan after all of it', 'no changes'],
    ['terraform destroy', 'nothing left'],
  ]);
  expect(output).toMatch(/\d+ requests, 0 failed/);
  expect(output).toMatch(/[1-9]\d* resources destroyed, 0 left in the account/);
  const [, accepted, stored] = /mails accepted: (\d+), objects stored: (\d+)/.exec(output) ?? [];
  expect(Number(stored)).toBeGreaterThanOrEqual(Number(accepted));
  // The wrong answers were seen, so the probe can see a failure too.
  expect(output).toMatch(/ 0 failed, [1-9]\d* wrong answers/);
}, 900_000);
