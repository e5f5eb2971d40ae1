import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { AwsFault } from '../../fault.ts';
import type { PassOn } from '../../gateway/pass-on.ts';
import { refusal } from '../../gateway/refusal.ts';
import { byTarget } from '../../test/by-target.ts';
import { inProcessHandler } from '../../wire/in-process.ts';
import { secretStandIns } from '../stand-ins.ts';

const lambda = 'arn:aws:lambda:us-east-1:123456789012:function:rotate';
const secrets: Record<string, object> = {
  managed: { OwningService: 'rds' },
  rotated: { RotationLambdaARN: lambda },
  plain: {},
};
let rotated: unknown[];

const passOn: PassOn = async ({ target = '' }, body) => {
  const found = secrets[String(body.SecretId)];
  if (!found) return { status: 400, headers: {}, body: '{"__type":"ResourceNotFoundException"}' };
  if (target.endsWith('RotateSecret')) rotated.push(body);
  return { status: 200, headers: {}, body: JSON.stringify(found) };
};

const client = new SecretsManagerClient({
  region: 'us-east-1',
  credentials: { accessKeyId: '123456789012', secretAccessKey: 'local' },
  maxAttempts: 1,
  requestHandler: inProcessHandler(
    (request) =>
      byTarget(secretStandIns(passOn))(request).catch((error: unknown) => {
        if (error instanceof AwsFault) return refusal(error, { target: request.target ?? '' });
        throw error;
      }),
    () => ({ accountId: '123456789012', region: 'us-east-1', accessKeyId: '123456789012', now: 0 }),
  ),
});
const rotate = (SecretId: string, more: object = {}) =>
  client.send(new RotateSecretCommand({ SecretId, RotationRules: { AutomaticallyAfterDays: 7 }, ...more }));

beforeEach(() => {
  rotated = [];
});

describe('the rotation of a secret', () => {
  test('that another service manages is only its rhythm', async () => {
    await rotate('managed');
    expect(rotated).toMatchObject([
      { SecretId: 'managed', RotateImmediately: false, RotationRules: { AutomaticallyAfterDays: 7 } },
    ]);
  });

  test.each([
    ['has a function', 'rotated', {}],
    ['is given one', 'plain', { RotationLambdaARN: lambda }],
  ])('that %s is the back end’s', async (_, SecretId, more) => {
    await rotate(SecretId, more);
    expect(rotated).toMatchObject([{ SecretId }]);
    expect(rotated).not.toMatchObject([{ RotateImmediately: false }]);
  });

  test.each<[string, string, object, string]>([
    ['without a function', 'plain', {}, "doesn't already have a Lambda function ARN configured"],
    [
      'in a rhythm that the back end does not keep',
      'managed',
      { RotationRules: { ScheduleExpression: 'cron(0 4 * * ? *)' } },
      'does not carry out RotationRules.ScheduleExpression',
    ],
    ['that is not there', 'gone', {}, 'ResourceNotFoundException'],
  ])('%s is refused', async (_, SecretId, more, message) => {
    const error = await rotate(SecretId, more).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(message);
    expect(rotated).toEqual([]);
  });
});
