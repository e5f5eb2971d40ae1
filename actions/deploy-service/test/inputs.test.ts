import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../core/src/github/inputs.ts';
import { inputs } from '../src/inputs.ts';

const read = (given: Record<string, string>) => readInputs(inputs, (name) => given[name] ?? '');

describe('the inputs of deploy-service', () => {
  test('have defaults', () => {
    expect(read({})).toMatchObject({
      manifest: 'berth.yaml',
      'on-running': 'queue',
      'force-new-deployment': false,
      'timeout-minutes': 30,
      'dry-run': false,
    });
  });

  test('take task definitions as a JSON object', () => {
    expect(read({ 'task-definitions': '{"web":"web.json"}' })['task-definitions']).toEqual({
      web: 'web.json',
    });
  });

  test.each([
    ['on-running', 'wait', 'queue | refuse | stop'],
    ['dry-run', 'yes', 'true or false'],
    ['timeout-minutes', '0', 'a whole number from 1 to 1440'],
    ['task-definitions', '["web.json"]', 'a JSON object of service names'],
    ['task-definitions', '{"web":1}', 'a JSON object of service names'],
    ['region', 'virginia', 'an AWS region'],
    ['role-to-assume', 'deploy', 'the ARN of an IAM role'],
  ])('refuse %s: %j and say what is expected', (name, value, expected) => {
    expect(() => read({ [name]: value })).toThrow(expected);
  });

  test('are all refused in one message', () => {
    expect(() => read({ 'dry-run': 'x', 'on-running': 'y' })).toThrow(/"on-running"[\s\S]*"dry-run"/);
  });
});
