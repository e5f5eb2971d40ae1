import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runProgram } from '../local/machine/run-program.ts';

const scripts = join(import.meta.dirname, '..', 'scripts');

test.each(['check.ts', 'test.ts'])(
  '%s refuses a path that no test has before it runs anything',
  async (script) => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [
      join(scripts, script),
      'no/such/test',
    ]);
    expect(stderr).toContain('No test file of this run matches no/such/test: ');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '0 passed, 1 failed\n' });
  },
);
