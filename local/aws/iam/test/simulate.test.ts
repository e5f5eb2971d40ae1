import * as iam from '@aws-sdk/client-iam';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { describe, expect, test } from '@jest/globals';
import { claimedOf, recordAnswers } from '../../test/operations/recorder.ts';
import { inProcessHandler } from '../../wire/in-process.ts';
import { queryService } from '../../wire/query.ts';
import type { RolePermissions } from '../role-policies.ts';
import { createSimulator, IAM_NAMESPACE } from '../simulate.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/ci/deploy`;
const PASSED = `arn:aws:iam::${ACCOUNT}:role/web-task`;

const policy = (...statements: object[]) => ({
  Version: '2012-10-17',
  Statement: statements.map((statement) => ({ Effect: 'Allow', Resource: '*', ...statement })),
});
const toTasks = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };

/** An unmodified client of a simulator that knows one role. */
function clientOf(role: Partial<RolePermissions>): IAMClient {
  const known = { arn: ROLE, roleId: 'AROA', trustPolicy: undefined, maxSessionSeconds: 3600 };
  const { handlers } = createSimulator({
    iam: { readRole: async (arn) => (arn === ROLE ? known : undefined) },
    policies: { read: async () => ({ identity: [], tags: {}, ...role }) },
  });
  return new IAMClient({
    region: 'us-east-1',
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'secret' },
    requestHandler: inProcessHandler(queryService(iam, IAM_NAMESPACE, handlers), ({ region }) => ({
      ...{ accountId: ACCOUNT, accessKeyId: ACCOUNT, region, now: Date.UTC(2026, 10, 21) },
    })),
  });
}

const asked = {
  PolicySourceArn: ROLE,
  ActionNames: ['iam:PassRole'],
  ResourceArns: [PASSED],
  ContextEntries: [
    {
      ContextKeyName: 'iam:PassedToService',
      ContextKeyType: 'string' as const,
      ContextKeyValues: ['ecs-tasks.amazonaws.com'],
    },
  ],
};

describe('the policy simulator', () => {
  test.each<[string, Partial<RolePermissions>, object]>([
    [
      'allows what a policy allows',
      { identity: [policy({ Action: 'iam:PassRole', Resource: PASSED, Condition: toTasks })] },
      { EvalDecision: 'allowed', EvalResourceName: PASSED },
    ],
    ['allows nothing by itself', {}, { EvalDecision: 'implicitDeny' }],
    [
      'allows no other resource',
      { identity: [policy({ Action: 'iam:PassRole', Resource: `${PASSED}-2` })] },
      { EvalDecision: 'implicitDeny' },
    ],
    [
      'knows an explicit deny',
      { identity: [policy({ Action: 'iam:*' }, { Effect: 'Deny', Action: 'iam:PassRole' })] },
      { EvalDecision: 'explicitDeny' },
    ],
    [
      'is narrowed by the boundary of the role',
      { identity: [policy({ Action: 'iam:*' })], boundary: policy({ Action: 'ecs:*' }) },
      {
        EvalDecision: 'implicitDeny',
        PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
      },
    ],
    [
      'names the condition keys that nobody gave',
      {
        identity: [
          policy({ Action: 'iam:PassRole', Condition: { StringEquals: { 'aws:ResourceTag/team': 'shop' } } }),
        ],
      },
      { EvalDecision: 'implicitDeny', MissingContextValues: ['aws:ResourceTag/team'] },
    ],
    [
      'knows who is asked about, by its tags too',
      {
        identity: [
          policy({
            Action: 'iam:PassRole',
            Condition: { StringEquals: { 'aws:PrincipalTag/team': 'shop' } },
          }),
        ],
        tags: { team: 'shop' },
      },
      { EvalDecision: 'allowed' },
    ],
  ])('%s', async (_title, role, expected) => {
    const answer = await clientOf(role).send(new SimulatePrincipalPolicyCommand(asked));
    expect(answer.EvaluationResults).toMatchObject([{ EvalActionName: 'iam:PassRole', ...expected }]);
    expect(answer.IsTruncated).toBe(false);
  });

  test('gives a result for each action on each resource, and reads policies that are given', async () => {
    const { EvaluationResults = [] } = await clientOf({}).send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: ROLE,
        ActionNames: ['ecs:UpdateService', 'ecs:StopTask'],
        ResourceArns: ['a', 'b'],
        PolicyInputList: [JSON.stringify(policy({ Action: 'ecs:UpdateService', Resource: 'a' }))],
      }),
    );
    expect(
      EvaluationResults.map((one) => `${one.EvalActionName} ${one.EvalResourceName} ${one.EvalDecision}`),
    ).toEqual([
      'ecs:UpdateService a allowed',
      'ecs:UpdateService b implicitDeny',
      'ecs:StopTask a implicitDeny',
      'ecs:StopTask b implicitDeny',
    ]);
  });

  test.each([
    ['a role that is not there', `${ROLE}-2`, 'NoSuchEntityException'],
    ['what is no role', `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/run`, 'InvalidInputException'],
  ])('refuses %s', async (_title, PolicySourceArn, name) => {
    const command = new SimulatePrincipalPolicyCommand({ ...asked, PolicySourceArn });
    await expect(clientOf({}).send(command)).rejects.toMatchObject({ name });
  });

  test('claims what it answers, and no more', async () => {
    const client = clientOf({});
    const answered = recordAnswers(client);
    await client.send(new SimulatePrincipalPolicyCommand(asked));
    expect([...answered]).toEqual(claimedOf('AWS IAM'));
  });
});
