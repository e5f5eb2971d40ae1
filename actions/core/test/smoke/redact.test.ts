import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redactor } from '../../src/smoke/redact.ts';

test.each([
  ['as it is', 'token hunter2/"x" here'],
  ['in JSON', JSON.stringify({ token: 'hunter2/"x"' })],
  ['in a JSON text of a JSON text', JSON.stringify(JSON.stringify('hunter2/"x"'))],
  ['in a URL', `/login?t=${encodeURIComponent('hunter2/"x"')}`],
  ['in base64', Buffer.from('hunter2/"x"').toString('base64')],
])('hides a secret %s', (_, text) => {
  expect(redactor(['hunter2/"x"'])(text)).not.toMatch(/hunter2|aHVudGVyMi/);
});

test('hides every secret of any content, the longer one first', () => {
  expect(redactor(['abc', 'abcdef'])('abcdef abc')).toBe('*** ***');
  fc.assert(
    fc.property(
      fc.string({ minLength: 4 }).filter((s) => !'***'.includes(s) && !s.includes('*')),
      fc.string(),
      (secret, around) => {
        expect(redactor([secret])(`${around}${secret}${around}`)).not.toContain(secret);
      },
    ),
  );
});

test('leaves what is too short to hide', () => expect(redactor(['a', ''])('banana')).toBe('banana'));
