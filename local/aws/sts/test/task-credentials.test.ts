import { expect, test } from '@jest/globals';
import { createCredentialStore } from '../credentials.ts';
import { issueTaskCredentials } from '../task-credentials.ts';

const ACCOUNT = '123456789012';
const task = {
  taskId: 'f'.repeat(32),
  taskArn: `arn:aws:ecs:us-east-1:${ACCOUNT}:task/shop/${'f'.repeat(32)}`,
  accountId: ACCOUNT,
};

function issueWith(condition: object): Promise<unknown> {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: condition,
  };
  const trustPolicy = { Version: '2012-10-17', Statement: [statement] };
  const credentials = createCredentialStore({
    now: () => 0,
    randomBytes: (size) => Buffer.alloc(size, 7),
    defaultAccountId: ACCOUNT,
  });
  const iam = {
    readRole: async (arn: string) => ({ arn, roleId: 'AROA', trustPolicy, maxSessionSeconds: 3600 }),
    readProviderClientIds: async () => undefined,
  };
  return issueTaskCredentials({ credentials, iam }, `arn:aws:iam::${ACCOUNT}:role/web`, task);
}

test.each([
  ['its own account', { StringEquals: { 'aws:SourceAccount': ACCOUNT } }],
  [
    'tasks of its own account and region',
    { ArnLike: { 'aws:SourceArn': `arn:aws:ecs:us-east-1:${ACCOUNT}:*` } },
  ],
])('a task gets the credentials of a role that trusts ECS on behalf of %s', async (_what, condition) => {
  await expect(issueWith(condition)).resolves.toMatchObject({ AccessKeyId: expect.any(String) });
});

test.each([
  ['another account', { StringEquals: { 'aws:SourceAccount': '999999999999' } }],
  ['tasks of another region', { ArnLike: { 'aws:SourceArn': `arn:aws:ecs:eu-west-1:${ACCOUNT}:*` } }],
])('and none of a role that trusts it on behalf of %s only', async (_what, condition) => {
  await expect(issueWith(condition)).rejects.toThrow('ECS was unable to assume the role');
});
