import { describe, expect, test } from '@jest/globals';
import { readFlags } from '../src/flags.ts';

const NAMES = { cluster: '', service: '', to: 'previous', 'dry-run': 'false' };
const words = (line: string) => line.split(' ').filter(Boolean);

describe('the flags of a verb', () => {
  test.each([
    ['--cluster shop --service=web', { cluster: 'shop', service: 'web' }, false],
    ['--dry-run --to web:3 --json', { 'dry-run': 'true', to: 'web:3' }, true],
    ['--dry-run false', { 'dry-run': 'false' }, false],
    ['--to=', { to: '' }, false],
    ['', {}, false],
  ])('are read from "%s"', (line, given, json) => {
    expect(readFlags(words(line), NAMES)).toEqual({ given, json });
  });

  test.each([
    ['--clutser shop', 'there is no flag "--clutser". Did you mean "--cluster"?'],
    ['web', /^there is no flag "web"/],
    ['--toString x', /^there is no flag "--toString"/],
    ['--cluster', '--cluster takes a value'],
    ['--cluster --dry-run', '--cluster takes a value'],
    ['--to a --to b', '--to is there twice'],
  ])('are refused for "%s"', (line, fault) => {
    const read = readFlags(words(line), NAMES);
    expect('fault' in read ? read.fault : '').toMatch(fault);
  });
});
