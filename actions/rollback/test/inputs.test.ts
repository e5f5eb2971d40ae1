import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../core/src/github/inputs.ts';
import { taskDefinitionArn } from '../../core/test/decide/readings.ts';
import { inputs } from '../src/inputs.ts';

const read = (given: Record<string, string>) => readInputs(inputs, (name) => given[name] ?? '');

describe('the inputs of rollback', () => {
  test('have defaults', () => {
    expect(read({})).toMatchObject({
      to: { kind: 'previous' },
      'dry-run': false,
      'timeout-minutes': 30,
      'mark-known-bad': undefined,
    });
  });

  test.each([
    ['email-api:12', { kind: 'task-definition', name: 'email-api:12' }],
    [taskDefinitionArn(3), { kind: 'task-definition', name: taskDefinitionArn(3) }],
  ])('take to: %s', (to, target) => {
    expect(read({ to }).to).toEqual(target);
  });

  test.each(['last', 'email-api', 'HEAD~1'])('refuse to: %s and say what is expected', (to) => {
    expect(() => read({ to })).toThrow('expected previous, family:revision, sha:<commit');
  });
});
