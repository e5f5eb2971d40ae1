import { describe, expect, test } from '@jest/globals';
import { decideAccess } from '../../aws/iam/decide-access.ts';
import { ROLE_NAMES, rolePolicies } from '../role-policies.ts';

const ECS = 'arn:aws:ecs:us-east-1:123456789012';
const ECR = 'arn:aws:ecr:us-east-1:123456789012:repository';
const SERVICE = `${ECS}:service/shop-prod/email-api`;
const DEFINITION = `${ECS}:task-definition/email-api:3`;
const EXECUTION = `arn:aws:iam::123456789012:role/${ROLE_NAMES.execution}`;

const policies = rolePolicies({
  accountId: '123456789012',
  region: 'us-east-1',
  cluster: 'shop-prod',
  bucket: 'emails',
  tokenParameter: '/prod/email-api/token',
});

describe('the role for', () => {
  test.each<[keyof typeof ROLE_NAMES, string, string, string, Record<string, string>]>([
    ['build', 'may', 'ecr:PutImage', `${ECR}/shop/email-api`, {}],
    ['build', 'may not', 'ecr:PutImage', `${ECR}/mill/api`, {}],
    ['build', 'may not', 'ecs:UpdateService', SERVICE, {}],
    ['build', 'may not', 'ecr:BatchDeleteImage', `${ECR}/shop/email-api`, {}],
    ['deploy', 'may', 'ecs:UpdateService', SERVICE, {}],
    ['deploy', 'may not', 'ecs:UpdateService', SERVICE, { 'ecs:enable-execute-command': 'true' }],
    ['deploy', 'may not', 'ecs:UpdateService', `${ECS}:service/mill-prod/api`, {}],
    ['deploy', 'may not', 'ecs:DeleteService', SERVICE, {}],
    ['deploy', 'may not', 'ecs:DeregisterTaskDefinition', '*', {}],
    ['deploy', 'may', 'iam:PassRole', EXECUTION, { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }],
    ['deploy', 'may not', 'iam:PassRole', EXECUTION, { 'iam:PassedToService': 'ec2.amazonaws.com' }],
    ['deploy', 'may', 'ecs:TagResource', DEFINITION, { 'aws:TagKeys': 'known-bad' }],
    ['verify', 'may', 'ecs:DescribeServices', SERVICE, {}],
    ['verify', 'may', 'ecs:ListTasks', '*', { 'ecs:cluster': `${ECS}:cluster/shop-prod` }],
    ['verify', 'may not', 'ecs:ListTasks', '*', { 'ecs:cluster': `${ECS}:cluster/mill-prod` }],
    ['verify', 'may not', 'ecs:UpdateService', SERVICE, {}],
    ['verify', 'may', 'ecs:TagResource', DEFINITION, { 'aws:TagKeys': 'known-bad' }],
    ['verify', 'may not', 'ecs:TagResource', DEFINITION, { 'aws:TagKeys': 'owner' }],
    ['verify', 'may not', 'ecs:TagResource', DEFINITION, {}],
    ['api', 'may', 'sqs:SendMessage', 'arn:aws:sqs:us-east-1:123456789012:email', {}],
    ['api', 'may not', 'sqs:ReceiveMessage', 'arn:aws:sqs:us-east-1:123456789012:email', {}],
    ['consumer', 'may', 's3:PutObject', 'arn:aws:s3:::emails/2026/a.json', {}],
    ['consumer', 'may not', 's3:DeleteObject', 'arn:aws:s3:::emails/2026/a.json', {}],
  ])('%s %s %s on %s with %j', (kind, may, action, resource, keys) => {
    const Statement = policies[kind].map((statement) => ({ Effect: 'Allow', ...statement }));
    const context = new Map(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), [value]]));
    const identity = [{ Version: '2012-10-17', Statement }];
    const { allowed } = decideAccess({ identity }, { action, resource, context });
    expect(allowed ? 'may' : 'may not').toBe(may);
  });
});
