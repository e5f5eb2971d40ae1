import { describe, expect, test } from '@jest/globals';
import { familyRevisionOf, tryRollbackTarget } from '../../src/decide/rollback-target.ts';
import { revisionArn, taskDefinitionArn } from './readings.ts';

describe('a rollback target', () => {
  test.each([
    ['previous', { kind: 'previous' }],
    ['email-api:12', { kind: 'task-definition', name: 'email-api:12' }],
    [taskDefinitionArn(12), { kind: 'task-definition', name: taskDefinitionArn(12) }],
    [revisionArn(7), { kind: 'service-revision', arn: revisionArn(7) }],
  ])('is read from %s', (to, target) => {
    expect(tryRollbackTarget(to)).toEqual(target);
  });

  test.each([
    '',
    'email-api',
    'email-api:',
    ':12',
    'email-api:latest',
    'Previous',
    'previous ',
    'arn:aws:ecs:us-east-1:1:task-definition/x:1',
    taskDefinitionArn(1).replace(':1', ''),
  ])('is not read from %j', (to) => {
    expect(tryRollbackTarget(to)).toBeUndefined();
  });

  test('is shown as family:revision', () => {
    expect([familyRevisionOf(taskDefinitionArn(3)), familyRevisionOf('email-api:3')]).toEqual([
      'email-api:3',
      'email-api:3',
    ]);
  });
});
