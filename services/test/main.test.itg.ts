import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';

const main = join(import.meta.dirname, '../main.ts');

test.each([
  ['no service', '', [], 'SERVICE is ; write gateway, identity,'],
  ['a service that there is not', 'orders', [], 'SERVICE is orders; write gateway, identity,'],
  [
    'a command that there is not',
    'order',
    ['migrat'],
    'There is no command migrat; write migrate, replay, health',
  ],
  [
    'a migration without a database',
    'email-api',
    ['migrate'],
    'email-api has no database, so there is nothing',
  ],
  ['a replay from nowhere', 'order', ['replay'], 'replay needs the time to begin at; write replay --since'],
  ['settings that are missing', 'order', [], 'UPLOADS_BUCKET is missing;'],
])('%s is told in one line, and the process ends with 1', async (_what, service, words, sentence) => {
  const child = spawn(process.execPath, [main, ...words], {
    env: { SERVICE: service, AWS_REGION: 'us-east-1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(said.trim().split('\n')).toHaveLength(1);
  const { level, msg } = JSON.parse(said) as { level: string; msg: string };
  expect(level).toBe('fatal');
  expect(msg).toContain(sentence);
  expect(code).toBe(1);
});
