import { describe, expect, test } from '@jest/globals';
import { familyRevisionOf, tryRollbackTarget } from '../../src/decide/rollback-target.ts';
import { revisionArn, T0, taskDefinitionArn } from './readings.ts';

describe('a rollback target', () => {
  test.each([
    ['previous', { kind: 'previous' }],
    ['email-api:12', { kind: 'task-definition', name: 'email-api:12' }],
    [taskDefinitionArn(12), { kind: 'task-definition', name: taskDefinitionArn(12) }],
    ['sha:4f5e6d7', { kind: 'commit', prefix: '4f5e6d7' }],
    ['sha:1234567', { kind: 'commit', prefix: '1234567' }],
    ['before:2026-11-21T12:00:00Z', { kind: 'before', at: T0 }],
    ['before:2026-11-21T13:00+01:00', { kind: 'before', at: T0 }],
    ['sha256:0123456789ab', { kind: 'digest', digest: 'sha256:0123456789ab' }],
    [revisionArn(7), { kind: 'service-revision', arn: revisionArn(7) }],
  ])('is read from %s', (to, target) => {
    expect(tryRollbackTarget(to)).toEqual(target);
  });

  test.each([
    '',
    'sha:4f5e6d',
    'sha:xyzxyzx',
    'sha256:01234567',
    'before:yesterday',
    'before:2026-11-21T12:00:00',
    'before:2026-13-41T12:00:00Z',
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
