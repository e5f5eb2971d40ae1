import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { decideAccess } from '../../local/aws/iam/decide-access.ts';
import { matchesAction, statementsOf } from '../../local/aws/iam/policy.ts';
import { test } from '../../local/terraform/test/needs-terraform.ts';
import { reachableCalls } from './sdk-calls.ts';
import { copyTree, type Tree, variables } from './tree.ts';

const ACTIONS = join(import.meta.dirname, '..', '..', 'actions');
const ECS = 'arn:aws:ecs:us-east-1:123456789012';
const ROLE = 'arn:aws:iam::123456789012:role';
const STATE = 'arn:aws:s3:::shop-terraform-123456789012';
const BOUNDARY = 'arn:aws:iam::123456789012:policy/shop-boundary';

let tree: Tree;
let boundary: unknown;
const policies = new Map<string, unknown[]>();

beforeAll(async () => {
  tree = await copyTree();
  await tree.run('bootstrap', 'init', '-input=false');
  await tree.run('bootstrap', 'apply', '-auto-approve', '-input=false', ...variables(BOOTSTRAP));
  const { stdout } = await tree.run('bootstrap', 'show', '-json');
  const { values } = JSON.parse(stdout) as { values: { root_module: Module } };
  for (const { type, values: made } of resourcesOf(values.root_module)) {
    if (type === 'aws_iam_policy') boundary = JSON.parse(String(made.policy));
    if (type === 'aws_iam_role_policy') {
      const role = String(made.role);
      policies.set(role, [...(policies.get(role) ?? []), JSON.parse(String(made.policy))]);
    }
  }
});
afterAll(() => tree?.remove());

const BOOTSTRAP = {
  project: 'shop',
  github: { owner: 'acme', owner_id: '11', repository: 'shop', repository_id: '22', pack: 'acme/berth' },
  environments: {
    prod: { services: { 'email-api': {}, order: { migrations: true }, gateway: { shifts: true } } },
    dev: { services: { 'email-api': {} } },
  },
};

type Module = {
  resources?: { type: string; values: Record<string, unknown> }[];
  child_modules?: Module[];
};

function resourcesOf(module: Module): { type: string; values: Record<string, unknown> }[] {
  const own = (module.resources ?? []).map((resource) => ({
    ...resource,
    values: inPolicyTerms(resource.values),
  }));
  return [...own, ...(module.child_modules ?? []).flatMap(resourcesOf)];
}

/** The fake of the state bucket's ARN in a policy, as the ARN that AWS would give. */
function inPolicyTerms(values: Record<string, unknown>): Record<string, unknown> {
  const { policy } = values;
  if (typeof policy !== 'string') return values;
  return {
    ...values,
    policy: policy.replaceAll(/arn:aws:s3:::[\w-]+|arn:aws:[\w-]*:[\w-]*:\d*:[\w-]*bucket[\w/-]*/g, STATE),
  };
}

function may(role: string, action: string, resource: string, keys: Record<string, string> = {}): string {
  const context = new Map(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), [value]]));
  const identity = policies.get(role) ?? [];
  const decision = decideAccess({ identity, boundary }, { action, resource, context });
  return decision.allowed ? 'yes' : 'no';
}

const toTasks = { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' };
const inCluster = (name: string) => ({ 'ecs:cluster': `${ECS}:cluster/${name}` });

type Case = [answer: 'yes' | 'no', action: string, resource: string, keys?: Record<string, string>];

const CASES: Record<string, Case[]> = {
  'shop-prod-deploy': [
    ['yes', 'ecs:UpdateService', `${ECS}:service/shop-prod/email-api`],
    ['no', 'ecs:UpdateService', `${ECS}:service/shop-dev/email-api`],
    [
      'no',
      'ecs:UpdateService',
      `${ECS}:service/shop-prod/email-api`,
      { 'ecs:enable-execute-command': 'true' },
    ],
    [
      'no',
      'ecs:UpdateService',
      `${ECS}:service/shop-prod/email-api`,
      { 'ecs:auto-assign-public-ip': 'true' },
    ],
    ['no', 'ecs:DeleteService', `${ECS}:service/shop-prod/email-api`],
    ['no', 'ecs:CreateService', `${ECS}:service/shop-prod/email-api`],
    ['yes', 'ecs:StopServiceDeployment', `${ECS}:service-deployment/shop-prod/email-api/1`],
    ['yes', 'ecs:ContinueServiceDeployment', `${ECS}:service-deployment/shop-prod/email-api/1`],
    ['yes', 'ecs:RegisterTaskDefinition', `${ECS}:task-definition/shop-prod-email-api:*`],
    ['no', 'ecs:RegisterTaskDefinition', `${ECS}:task-definition/shop-dev-email-api:*`],
    [
      'no',
      'ecs:RegisterTaskDefinition',
      `${ECS}:task-definition/shop-prod-email-api:*`,
      { 'ecs:privileged': 'true' },
    ],
    ['no', 'ecs:DeregisterTaskDefinition', '*'],
    [
      'yes',
      'ecs:TagResource',
      `${ECS}:task-definition/shop-prod-email-api:7`,
      { 'aws:TagKeys': 'known-bad' },
    ],
    ['no', 'ecs:TagResource', `${ECS}:service/shop-prod/email-api`, { 'aws:TagKeys': 'known-bad' }],
    ['yes', 'ecs:TagResource', `${ECS}:service/shop-prod/email-api`, { 'aws:TagKeys': 'berth-alarms-off' }],
    ['yes', 'ecs:UntagResource', `${ECS}:service/shop-prod/email-api`, { 'aws:TagKeys': 'berth-alarms-off' }],
    ['no', 'ecs:UntagResource', `${ECS}:service/shop-prod/email-api`, { 'aws:TagKeys': 'owner' }],
    ['no', 'ecs:TagResource', `${ECS}:service/shop-dev/email-api`, { 'aws:TagKeys': 'berth-alarms-off' }],
    ['yes', 'iam:PassRole', `${ROLE}/shop-prod-email-api-task`, toTasks],
    [
      'yes',
      'iam:PassRole',
      `${ROLE}/shop-prod-gateway-shift`,
      { 'iam:PassedToService': 'ecs.amazonaws.com' },
    ],
    [
      'no',
      'iam:PassRole',
      `${ROLE}/shop-prod-email-api-task`,
      { 'iam:PassedToService': 'lambda.amazonaws.com' },
    ],
    ['no', 'iam:PassRole', `${ROLE}/admin`, toTasks],
    ['no', 'iam:PassRole', `${ROLE}/shop-prod-apply`, toTasks],
    ['yes', 'ecs:RunTask', `${ECS}:task-definition/shop-prod-order:3`, inCluster('shop-prod')],
    ['no', 'ecs:RunTask', `${ECS}:task-definition/shop-prod-order:3`, inCluster('shop-dev')],
    ['no', 'ecs:RunTask', `${ECS}:task-definition/shop-prod-email-api:3`, inCluster('shop-prod')],
    [
      'yes',
      'ssm:GetParameter',
      'arn:aws:ssm:us-east-1:123456789012:parameter/prod/email-api/task-definition',
    ],
    ['no', 'ssm:GetParameter', 'arn:aws:ssm:us-east-1:123456789012:parameter/dev/email-api/task-definition'],
    [
      'no',
      'secretsmanager:GetSecretValue',
      'arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/prod/db/orders-AbCdEf',
    ],
    ['no', 'ecr:PutImage', 'arn:aws:ecr:us-east-1:123456789012:repository/shop/email-api'],
  ],
  'shop-dev-deploy': [
    ['yes', 'ecs:UpdateService', `${ECS}:service/shop-dev/email-api`],
    ['no', 'ecs:RunTask', `${ECS}:task-definition/shop-dev-email-api:3`, inCluster('shop-dev')],
  ],
  'shop-prod-verify': [
    ['yes', 'ecs:DescribeServiceDeployments', `${ECS}:service-deployment/shop-prod/email-api/1`],
    ['yes', 'ecs:StopServiceDeployment', `${ECS}:service-deployment/shop-prod/email-api/1`],
    ['yes', 'ecs:ListTasks', '*', inCluster('shop-prod')],
    ['no', 'ecs:ListTasks', '*', inCluster('shop-dev')],
    [
      'yes',
      'logs:GetLogEvents',
      'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/shop-prod-email-api:log-stream:x',
    ],
    ['no', 'ecs:UpdateService', `${ECS}:service/shop-prod/email-api`],
    ['no', 'ecs:RegisterTaskDefinition', `${ECS}:task-definition/shop-prod-email-api:*`],
    ['no', 'iam:PassRole', `${ROLE}/shop-prod-email-api-task`, toTasks],
    ['no', 'ecs:TagResource', `${ECS}:task-definition/shop-prod-email-api:7`, { 'aws:TagKeys': 'owner' }],
  ],
  'shop-prod-build': [
    ['yes', 'ecr:PutImage', 'arn:aws:ecr:us-east-1:123456789012:repository/shop/email-api'],
    ['no', 'ecr:PutImage', 'arn:aws:ecr:us-east-1:123456789012:repository/other/email-api'],
    ['no', 'ecr:BatchDeleteImage', 'arn:aws:ecr:us-east-1:123456789012:repository/shop/email-api'],
    ['yes', 'ssm:PutParameter', 'arn:aws:ssm:us-east-1:123456789012:parameter/prod/email-api/image'],
    ['no', 'ssm:PutParameter', 'arn:aws:ssm:us-east-1:123456789012:parameter/prod/email-api/task-definition'],
    ['no', 'ecs:UpdateService', `${ECS}:service/shop-prod/email-api`],
  ],
  'shop-prod-plan': [
    ['yes', 's3:GetObject', `${STATE}/prod/services.tfstate`],
    ['no', 's3:PutObject', `${STATE}/prod/services.tfstate`],
    ['yes', 's3:PutObject', `${STATE}/prod/services.tfstate.tflock`],
    ['yes', 's3:DeleteObject', `${STATE}/prod/services.tfstate.tflock`],
    ['no', 's3:GetObject', `${STATE}/dev/services.tfstate`],
    ['yes', 's3:PutObject', `${STATE}/prod/plans/services/abc.tfplan`],
    ['no', 's3:PutObject', `${STATE}/dev/plans/services/abc.tfplan`],
    [
      'no',
      'secretsmanager:GetSecretValue',
      'arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/prod/db/orders-AbCdEf',
    ],
    ['no', 'ecs:UpdateService', `${ECS}:service/shop-prod/email-api`],
  ],
  'shop-prod-drift': [
    ['yes', 's3:GetObject', `${STATE}/prod/services.tfstate`],
    ['no', 's3:PutObject', `${STATE}/prod/services.tfstate`],
    ['no', 's3:PutObject', `${STATE}/prod/plans/services/abc.tfplan`],
    ['no', 's3:GetObject', 'arn:aws:s3:::shop-prod-emails-123456789012/emails/1'],
    [
      'yes',
      'secretsmanager:GetSecretValue',
      'arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/prod/db/orders-AbCdEf',
    ],
    [
      'no',
      'secretsmanager:GetSecretValue',
      'arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/dev/db/orders-AbCdEf',
    ],
    ['no', 'ecs:UpdateService', `${ECS}:service/shop-prod/email-api`],
    ['no', 'iam:PassRole', `${ROLE}/shop-prod-order-task`, toTasks],
  ],
  'shop-prod-apply': [
    ['yes', 's3:GetObject', `${STATE}/prod/plans/services/abc.tfplan`],
    ['yes', 'ecs:CreateService', `${ECS}:service/shop-prod/email-api`],
    ['yes', 's3:PutObject', `${STATE}/prod/services.tfstate`],
    ['no', 's3:GetObject', `${STATE}/dev/services.tfstate`],
    ['no', 's3:DeleteBucket', STATE],
    ['yes', 'iam:CreateRole', `${ROLE}/shop-prod-order-task`, { 'iam:PermissionsBoundary': BOUNDARY }],
    ['no', 'iam:CreateRole', `${ROLE}/shop-prod-order-task`],
    ['no', 'iam:CreateUser', 'arn:aws:iam::123456789012:user/mallory'],
    ['no', 'iam:DeleteRolePermissionsBoundary', `${ROLE}/shop-prod-order-task`],
    ['no', 'iam:CreatePolicyVersion', BOUNDARY],
    ['no', 'iam:PutRolePolicy', `${ROLE}/shop-prod-deploy`],
    ['no', 'iam:UpdateAssumeRolePolicy', `${ROLE}/shop-prod-deploy`],
    ['no', 'organizations:LeaveOrganization', '*'],
  ],
  'shop-prod-drill': [
    ['yes', 'rds:RestoreDBInstanceToPointInTime', 'arn:aws:rds:us-east-1:123456789012:db:drill-7'],
    ['yes', 'rds:DeleteDBInstance', 'arn:aws:rds:us-east-1:123456789012:db:drill-7'],
    ['no', 'rds:DeleteDBInstance', 'arn:aws:rds:us-east-1:123456789012:db:shop-prod'],
    ['no', 'rds:ModifyDBInstance', 'arn:aws:rds:us-east-1:123456789012:db:shop-prod'],
    ['yes', 'dynamodb:DeleteTable', 'arn:aws:dynamodb:us-east-1:123456789012:table/drill-notifications'],
    ['no', 'dynamodb:DeleteTable', 'arn:aws:dynamodb:us-east-1:123456789012:table/shop-prod-notifications'],
    ['no', 'iam:PassRole', `${ROLE}/shop-prod-order-task`, toTasks],
  ],
};

describe.each(Object.keys(CASES))('the role %s', (role) => {
  test.each(CASES[role] ?? [])('%s: %s on %s %j', (answer, action, resource, keys = {}) => {
    expect(may(role, action, resource, keys)).toBe(answer);
  });
});

/** Roles that an action runs under, as its README says; none for those that call nothing. */
const RUNS_UNDER: Record<string, string> = {
  'build-and-push': 'shop-prod-build',
  'render-task-def': 'shop-prod-deploy',
  'deploy-service': 'shop-prod-deploy',
  rollback: 'shop-prod-deploy',
  'wait-for-stable': 'shop-prod-verify',
  'smoke-test': 'shop-prod-verify',
  'terraform-plan': 'shop-prod-plan',
  'terraform-apply': 'shop-prod-apply',
};

/** Actions that only read share a file with the writing of the same, which they never call. */
const NEVER_CALLED: Record<string, string[]> = {
  'wait-for-stable': ['ecs:RegisterTaskDefinition'],
  'smoke-test': ['ecs:RegisterTaskDefinition'],
  'terraform-plan': ['s3:GetObject'],
  'terraform-apply': ['s3:PutObject'],
};

test.each(Object.entries(RUNS_UNDER))('%s makes no SDK call that %s is not allowed', (action, role) => {
  const calls = reachableCalls(join(ACTIONS, action, 'src', 'index.ts'));
  const allowing = (policies.get(role) ?? [])
    .flatMap(statementsOf)
    .filter(({ effect }) => effect === 'Allow');
  const missing = calls.filter((call) => !allowing.some((statement) => matchesAction(statement, call)));
  expect(calls.length).toBeGreaterThan(1);
  expect(missing.filter((call) => !NEVER_CALLED[action]?.includes(call))).toEqual([]);
});

/** What a role may do beside the SDK calls of its actions: what comes with a call, and what Docker does. */
const BESIDES: Record<string, string[]> = {
  'shop-prod-build': [
    ...['BatchCheckLayerAvailability', 'BatchGetImage', 'CompleteLayerUpload', 'GetDownloadUrlForLayer'],
    ...['InitiateLayerUpload', 'PutImage', 'UploadLayerPart'],
  ].map((name) => `ecr:${name}`),
  // Whether DescribeTaskDefinition needs it for the tags, AWS does not say.
  'shop-prod-deploy': ['iam:PassRole', 'ecs:ListTagsForResource'],
  'shop-prod-verify': ['ecs:ListTagsForResource'],
};

test.each(Object.keys(BESIDES))('%s is allowed nothing that no action does', (role) => {
  // Deploying and judging read the same, by one document.
  const readers = ['shop-prod-deploy', 'shop-prod-verify'];
  const meant = readers.includes(role) ? readers : [role];
  const calls = Object.entries(RUNS_UNDER).flatMap(([action, under]) =>
    meant.includes(under) ? reachableCalls(join(ACTIONS, action, 'src', 'index.ts')) : [],
  );
  const allowed = (policies.get(role) ?? [])
    .flatMap((policy) => (policy as { Statement: { Effect: string; Action: string | string[] }[] }).Statement)
    .flatMap(({ Effect, Action }) => (Effect === 'Allow' ? Action : []));
  const used = new Set([...calls, ...(BESIDES[role] ?? [])]);
  expect([...new Set(allowed)].filter((action) => !used.has(action))).toEqual([]);
});

test.each(['assume-role', 'detect-changes'])('%s makes no SDK call that takes a policy', (action) => {
  expect(reachableCalls(join(ACTIONS, action, 'src', 'index.ts'))).toEqual([]);
});

test('every role of the pipeline has policies that fit into IAM', () => {
  const sizes = [...policies].map(([role, documents]) => ({ role, size: JSON.stringify(documents).length }));
  expect(sizes).toHaveLength(14);
  expect(sizes.filter(({ size }) => size > 10_240)).toEqual([]);
});
