import { expect, test } from '@jest/globals';
import { PoisonEventError } from '../bus.ts';
import { isKnown } from '../event-data.ts';

const known = ['user.created.v1', 'user.updated.v1'];

test.each([
  ['user.created.v1', true],
  ['user.updated.v1', true],
  ['user.role_changed.v1', false],
  ['user.created.twice.v1', false],
])('%s is known: %s', (subject, expected) => {
  expect(isKnown({ subject }, known)).toBe(expected);
});

test.each(['user.created.v2', 'user.created.v10'])('%s is poison', (subject) => {
  const message = `${subject} is of an unknown version; user.created.v1 is known.`;
  expect(() => isKnown({ subject }, known)).toThrow(new PoisonEventError(message));
});
