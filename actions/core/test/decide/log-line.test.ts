import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { selectLogLines } from '../../src/decide/log-line.ts';

const json = (fields: object): string => JSON.stringify(fields);

describe('the lines of a failing container', () => {
  test('are shown by level, message and error where they are JSON', () => {
    const written = [
      json({
        level: 'error',
        time: 'x',
        msg: 'request failed',
        err: { message: 'ENOENT: /spool', stack: 's' },
      }),
      json({ level: 60, msg: 'giving up' }),
      json({ level: 'error', err: { message: 'only an error' } }),
      json({ severity: 'ERROR', message: 'of another logger' }),
    ];
    expect(selectLogLines(written, 12)).toEqual([
      'ERROR request failed: ENOENT: /spool',
      'FATAL giving up',
      'ERROR only an error',
      'ERROR of another logger',
    ]);
  });

  test('leave out what is no error where some are', () => {
    const written = [
      json({ level: 'info', msg: 'listening' }),
      'plain text stays',
      json({ level: 'error', msg: 'broken' }),
      json({ level: 30, msg: 'stopped' }),
    ];
    expect(selectLogLines(written, 12)).toEqual(['plain text stays', 'ERROR broken']);
  });

  test('are all there where none is an error', () => {
    expect(selectLogLines([json({ level: 'info', msg: 'listening' })], 12)).toEqual(['INFO listening']);
  });

  test('are told once, with how often, where they repeat', () => {
    const line = json({ level: 'error', msg: 'broken' });
    expect(selectLogLines([line, 'other', line, line], 12)).toEqual(['other', 'ERROR broken (3 times)']);
  });

  test('keep the line ends of a message, each line counting', () => {
    const line = json({ level: 'fatal', msg: 'not usable:\n  FOOTER is missing' });
    expect(selectLogLines([line], 12)).toEqual(['FATAL not usable:', '  FOOTER is missing']);
    expect(selectLogLines([line], 1)).toEqual(['  FOOTER is missing']);
  });

  test.each(['Error: no token', '    at main', '{ not json', '{"no":"message"}', 'null'])(
    'are plain text as they are: %s',
    (line) => {
      expect(selectLogLines([line], 12)).toEqual([line]);
    },
  );

  test('are never more than asked for, and end with the newest', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.nat(20), (written, limit) => {
        const lines = selectLogLines([...written, 'the last'], limit);
        expect(lines.length).toBeLessThanOrEqual(limit);
        if (limit > 0) expect(lines.at(-1)).toMatch(/^the last/);
      }),
    );
  });
});
