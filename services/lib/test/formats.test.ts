import { expect, test } from '@jest/globals';
import { Type } from 'typebox';
import Value from 'typebox/value';
import { formats } from '../formats.ts';

test.each<[string, string, boolean]>([
  ['date-time', '2026-11-30T08:00:00Z', true],
  ['date-time', '2026-11-30T08:00:00.123456+05:30', true],
  ['date-time', '9999-12-31T23:59:59Z', true],
  ['date-time', '9999-12-31T23:59:59-00:01', false],
  ['date-time', '2016-12-31T23:59:60Z', false],
  ['date-time', '2026-11-30 08:00:00Z', false],
  ['date-time', '2026-11-30T08:00:00', false],
  ['date-time', '2026-11-30T08:00:00+16:00', false],
  ['date-time', '2026-02-30T08:00:00Z', false],
  ['date-time', '2026-11-30T08:00:00Z[Europe/Berlin]', false],
  ['date-time', '0000-01-01T00:00:00Z', false],
  ['date-time', '0001-01-01T00:00:00+10:00', false],
  ['uuid', '01a22d73-3c90-7767-a3c5-2bdd7c706929', true],
  ['uuid', '01A22D73-3C90-7767-A3C5-2BDD7C706929', false],
  ['uuid', 'urn:uuid:01a22d73-3c90-7767-a3c5-2bdd7c706929', false],
])('as %s, %s is taken: %s', (format, text, isOne) => {
  expect(formats[format]?.(text)).toBe(isOne);
  expect(Value.Check(Type.String({ format }), text)).toBe(isOne);
});
