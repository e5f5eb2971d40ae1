import { describe, expect, test } from '@jest/globals';
import {
  flag,
  type InputSpec,
  json,
  nameList,
  oneOf,
  optionalText,
  pairs,
  readInputs,
  requiredText,
  text,
  wholeNumber,
} from '../../src/github/inputs.ts';
import { regionInput, roleInput } from '../../src/github/target-inputs.ts';

const read = <T>(spec: InputSpec<T>, given: string): T => readInputs({ x: spec }, () => given).x as T;
const isNumbers = (value: unknown): value is number[] => Array.isArray(value);

describe('readInputs', () => {
  test.each<[string, InputSpec<unknown>, string, unknown]>([
    ['a text, trimmed', optionalText(), ' a ', 'a'],
    ['no text', optionalText(), '', undefined],
    ['a default', text('berth.yaml'), '', 'berth.yaml'],
    ['a flag', flag(), 'True', true],
    ['no flag', flag(), '', false],
    ['a number', wholeNumber(5, 1, 60), '60', 60],
    ['no number', wholeNumber(5, 1, 60), '', 5],
    ['a word', oneOf('queue', 'refuse'), 'refuse', 'refuse'],
    ['no word', oneOf('queue', 'refuse'), '', 'queue'],
    ['names with commas', nameList(), 'a, b,,a', ['a', 'b']],
    ['names on lines', nameList(), 'a\nb', ['a', 'b']],
    ['names as JSON', nameList(), '["b","a"]', ['b', 'a']],
    ['an empty JSON list', nameList(), '[]', []],
    ['pairs', pairs(), 'A=1=2\n\nB= x', { A: '1=2', B: ' x' }],
    ['JSON', json('a list', isNumbers), '[1]', [1]],
    [
      'a role',
      roleInput(),
      'arn:aws-us-gov:iam::123456789012:role/a/b',
      'arn:aws-us-gov:iam::123456789012:role/a/b',
    ],
    ['a region', regionInput(), 'us-gov-west-1', 'us-gov-west-1'],
    ['a region of another partition', regionInput(), 'eusc-de-east-1', 'eusc-de-east-1'],
  ])('reads %s', (_, spec, given, expected) => {
    expect(read(spec, given)).toEqual(expected);
  });

  test.each<[string, InputSpec<unknown>, string, string]>([
    ['a missing text', requiredText(), ' ', 'input "x" is required and empty'],
    ['yes for a flag', flag(), 'yes', 'input "x" is "yes": expected true or false'],
    ['a fraction', wholeNumber(5, 1, 60), '1.5', 'input "x" is "1.5": expected a whole number from 1 to 60'],
    ['a number too large', wholeNumber(5, 1, 60), '61', 'expected a whole number from 1 to 60'],
    ['another word', oneOf('queue', 'refuse'), 'quue', 'input "x" is "quue": expected queue | refuse'],
    ['half a JSON list', nameList(), '["a"', 'expected a JSON list of names'],
    ['a list of numbers', nameList(), '[1]', 'expected a JSON list of names'],
    ['JSON of another shape', json('a list', isNumbers), '{}', 'input "x" is "{}": expected a list'],
    ['a role name for its ARN', roleInput(), 'deploy', 'expected the ARN of an IAM role, like arn:aws:iam::'],
    ['a zone for a region', regionInput(), 'us-east-1a', 'expected an AWS region, like us-east-1'],
  ])('refuses %s', (_, spec, given, expected) => {
    expect(() => read(spec, given)).toThrow(expected);
  });

  test('tells all faulty inputs at once', () => {
    const specs = { a: requiredText(), b: flag(), c: text('fine') };
    expect(() => readInputs(specs, (name) => (name === 'b' ? 'maybe' : ''))).toThrow(
      'input "a" is required and empty\ninput "b" is "maybe": expected true or false',
    );
  });

  test('does not repeat a line that may hold a secret', () => {
    expect(() => read(pairs(), 'A=1\nhunter2')).toThrow(
      'input "x" is not readable: expected NAME=value on each line; line 2',
    );
    expect(() => read(pairs(), 'hunter2')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });
});
