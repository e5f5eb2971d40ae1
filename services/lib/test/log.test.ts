import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const log = join(import.meta.dirname, '..', 'log.ts');

/** What a process that does this has written to its log when it has ended, whichever way it ends. */
function linesOf(program: string): Promise<{ msg: string }[]> {
  const text = `const log = (await import('${log}')).createLog({ service: 'sample', version: 'v1' }, 'info');${program}`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '--eval', text], (_error, printed) =>
      resolve(printed.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))),
    );
  });
}

test.each([
  ['when the process exits', 'process.exit(1);'],
  ['together with a fatal one', "log.fatal('why'); process.kill(process.pid, 'SIGKILL');"],
  ['in the next turn', "setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100);"],
  [
    'when they are many',
    "for (let n = 0; n < 500; n += 1) log.info('more'); process.kill(process.pid, 'SIGKILL');",
  ],
])('lines are written %s', async (_when, program) => {
  const lines = await linesOf(`log.info('first'); log.info('second'); ${program}`);
  expect(lines.slice(0, 2).map(({ msg }) => msg)).toEqual(['first', 'second']);
});
