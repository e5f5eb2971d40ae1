import * as iamClient from '@aws-sdk/client-iam';
import {
  CreateRoleCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensurePythonTools } from '../../../machine/python-tools.ts';

import type { Gateway } from '../../gateway/gateway.ts';
import { type Moto, startMoto } from '../../gateway/moto.ts';
import { iamRecordsAt } from '../../sts/iam-records.ts';
import { openBackendGateway } from '../../test/backend-gateway.ts';
import { queryService } from '../../wire/query.ts';
import { rolePoliciesAt } from '../role-policies.ts';
import { createSimulator, IAM_NAMESPACE } from '../simulate.ts';

let moto: Moto;
let gateway: Gateway;

beforeAll(async () => {
  const { bin } = await ensurePythonTools(['moto']);
  moto = await startMoto(bin);
  const simulator = createSimulator({
    iam: iamRecordsAt(moto.url),
    policies: rolePoliciesAt(moto.url, Date.now),
  });
  gateway = await openBackendGateway(moto.url, {
    iam: queryService(iamClient, IAM_NAMESPACE, simulator.handlers),
  });
});
afterAll(async () => {
  await gateway?.stop();
  await moto?.stop();
});

test('one client simulates here and keeps its records at the back end', async () => {
  const client = new IAMClient({
    endpoint: gateway.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'local' },
  });
  const trust = {
    Effect: 'Allow',
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
    Action: 'sts:AssumeRole',
  };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await client.send(new CreateRoleCommand({ RoleName: 'deploy', Path: '/ci/', AssumeRolePolicyDocument }));
  const passed = 'arn:aws:iam::123456789012:role/web-task';
  const statement = {
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: passed,
    Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  };
  await client.send(
    new PutRolePolicyCommand({
      RoleName: 'deploy',
      PolicyName: 'own',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    }),
  );
  const { Role } = await client.send(new GetRoleCommand({ RoleName: 'deploy' }));
  const decide = async (ResourceArns: string[], service: string) => {
    const { EvaluationResults = [] } = await client.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: Role?.Arn,
        ActionNames: ['iam:PassRole'],
        ResourceArns,
        ContextEntries: [
          { ContextKeyName: 'iam:PassedToService', ContextKeyType: 'string', ContextKeyValues: [service] },
        ],
      }),
    );
    return EvaluationResults.map(({ EvalDecision }) => EvalDecision);
  };
  expect(await decide([passed, `${passed}-2`], 'ecs-tasks.amazonaws.com')).toEqual([
    'allowed',
    'implicitDeny',
  ]);
  expect(await decide([passed], 'lambda.amazonaws.com')).toEqual(['implicitDeny']);
});
