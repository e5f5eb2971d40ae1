import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as scalingClient from '@aws-sdk/client-application-auto-scaling';
import * as ecrClient from '@aws-sdk/client-ecr';
import * as ecsClient from '@aws-sdk/client-ecs';
import * as elbClient from '@aws-sdk/client-elastic-load-balancing-v2';
import * as iamClient from '@aws-sdk/client-iam';
import * as stsClient from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import { createEcr } from '../../ecr/ecr.ts';
import { createVirtualEcs } from '../../ecs/virtual-ecs.ts';
import { createElbv2 } from '../../elbv2/elbv2.ts';
import { createCredentialStore } from '../../sts/credentials.ts';
import { createSts } from '../../sts/sts.ts';
import { operationsOf } from '../../wire/operations.ts';
import { sampleOf } from '../../wire/test/schema-sample.ts';
import type { AccessNeed } from '../access-need.ts';
import { AUTO_SCALING_NEEDS } from '../auto-scaling-needs.ts';
import { ECR_NEEDS } from '../ecr-needs.ts';
import { ECS_NEEDS } from '../ecs-needs.ts';
import { ELBV2_NEEDS } from '../elbv2-needs.ts';
import { IAM_NEEDS } from '../iam-needs.ts';
import { createSimulator } from '../simulate.ts';
import { STS_NEEDS } from '../sts-needs.ts';

const reference: object = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures', 'service-authorization.json'), 'utf8'),
);
const place = { accountId: '123456789012', region: 'eu-west-1' };
const ECS = 'arn:aws:ecs:eu-west-1:123456789012';
const CLUSTER = `${ECS}:cluster/shop`;
const ROLE = 'arn:aws:iam::123456789012:role/shop-task';

/** Needs as one line each: action, resources, and the keys that have a value. */
const lines = (needs: AccessNeed[] | undefined): string[] =>
  (needs ?? []).map(({ action, resources, keys }) => {
    const set = Object.entries(keys ?? {}).filter(([, value]) => value !== undefined);
    return [action, ...resources, ...set.map(([key, value]) => `${key}=${value}`)].join(' ');
  });

describe('every operation that is offered', () => {
  const ecr = createEcr({
    now: () => 0,
    randomBytes: (size) => new Uint8Array(size),
    registryHost: '127.0.0.1:1',
    folder: 'unused',
  });
  const elb = createElbv2({
    clock: { now: () => 0 },
    timeScale: 1,
    resolveTarget: () => undefined,
    log: () => {},
  });
  const virtual = createVirtualEcs();
  const now = () => 0;
  const credentials = createCredentialStore({
    now,
    randomBytes: (size) => new Uint8Array(size),
    defaultAccountId: place.accountId,
  });
  const iam = { readRole: async () => undefined, readProviderClientIds: async () => undefined };
  const sts = createSts({ credentials, iam, issuers: {} });
  const simulator = createSimulator({ iam, policies: { read: async () => ({ identity: [], tags: {} }) } });
  const services: [string, object, object, object][] = [
    ['ecs', virtual.ecs.handlers, ECS_NEEDS, ecsClient],
    ['ecr', ecr.handlers, ECR_NEEDS, ecrClient],
    ['elasticloadbalancing', elb.handlers, ELBV2_NEEDS, elbClient],
    ['sts', sts.handlers, STS_NEEDS, stsClient],
    ['iam', simulator.handlers, IAM_NEEDS, iamClient],
    ['application-autoscaling', virtual.autoScaling.handlers, AUTO_SCALING_NEEDS, scalingClient],
  ];

  test.each(services)(
    'of %s has its permissions in the table, under names that AWS has',
    (_service, handlers, needs, client) => {
      const rows = Object.keys(needs);
      expect(Object.keys(handlers).filter((name) => !rows.includes(name))).toEqual([]);
      const operations = operationsOf(client);
      expect(rows.filter((name) => !operations.has(name))).toEqual([]);
    },
  );

  /** Actions that the reference does not list though the API has them. */
  const UNLISTED = ['ecr:ListImageReferrers'];

  test.each(services)(
    'of %s takes actions that AWS lists, on resources where AWS has a type for them',
    (_service, _handlers, needs, client) => {
      const wrong: string[] = [];
      for (const [name, operation] of operationsOf(client)) {
        const row: unknown = Reflect.get(needs, name);
        if (typeof row !== 'function') continue;
        const taken: AccessNeed[] = Reflect.apply(row, needs, [sampleOf(operation.input), place]);
        for (const { action, resources } of taken) {
          const [prefix = '', called = ''] = action.split(':');
          if (prefix === 'iam' || UNLISTED.includes(action)) continue;
          const types = typesOf(prefix, called);
          const hasResource = !resources.includes('*');
          if (types === undefined || hasResource !== types.length > 0)
            wrong.push(`${name}: ${action} on ${resources}`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});

/** The resource types that AWS has for an action. */
function typesOf(prefix: string, action: string): readonly string[] | undefined {
  const actions: unknown = Reflect.get(reference, prefix);
  const types: unknown =
    typeof actions === 'object' && actions !== null ? Reflect.get(actions, action) : undefined;
  return Array.isArray(types) ? types.map(String) : undefined;
}

describe('a call to ECS takes', () => {
  test.each<[string, AccessNeed[] | undefined, string[]]>([
    [
      'UpdateService on the service, with cluster and what is set',
      ECS_NEEDS.UpdateService?.(
        { cluster: 'shop', service: 'web', taskDefinition: 'web:7', enableExecuteCommand: true },
        place,
      ),
      [
        `ecs:UpdateService ${ECS}:service/shop/web ecs:cluster=${CLUSTER} ecs:enable-execute-command=true ecs:task-definition=${ECS}:task-definition/web:7`,
      ],
    ],
    [
      'UpdateService on a service by its ARN',
      ECS_NEEDS.UpdateService?.({ cluster: CLUSTER, service: `${ECS}:service/shop/web` }, place),
      [`ecs:UpdateService ${ECS}:service/shop/web ecs:cluster=${CLUSTER}`],
    ],
    [
      'RegisterTaskDefinition, TagResource and PassRole once a role',
      ECS_NEEDS.RegisterTaskDefinition?.(
        {
          family: 'web',
          containerDefinitions: [],
          cpu: '256',
          taskRoleArn: ROLE,
          executionRoleArn: 'shop-task',
          tags: [{ key: 'team', value: 'shop' }],
        },
        place,
      ),
      [
        `ecs:RegisterTaskDefinition ${ECS}:task-definition/web:* aws:RequestTag/team=shop aws:TagKeys=team ecs:task-cpu=256 ecs:privileged=false`,
        `ecs:TagResource ${ECS}:task-definition/web:* ecs:CreateAction=RegisterTaskDefinition aws:RequestTag/team=shop aws:TagKeys=team`,
        `iam:PassRole ${ROLE} iam:PassedToService=ecs-tasks.amazonaws.com`,
      ],
    ],
    [
      'StopServiceDeployment under the cluster and service of its ARN',
      ECS_NEEDS.StopServiceDeployment?.(
        { serviceDeploymentArn: `${ECS}:service-deployment/shop/web/abc`, stopType: 'ROLLBACK' },
        place,
      ),
      [
        `ecs:StopServiceDeployment ${ECS}:service/shop/web ${ECS}:service-deployment/shop/web/abc ecs:cluster=${CLUSTER} ecs:service=${ECS}:service/shop/web`,
      ],
    ],
    [
      'DescribeServices on each of the services',
      ECS_NEEDS.DescribeServices?.({ cluster: 'shop', services: ['web', 'api'] }, place),
      [`ecs:DescribeServices ${ECS}:service/shop/web ${ECS}:service/shop/api ecs:cluster=${CLUSTER}`],
    ],
    [
      'ListServices on everything, under the cluster',
      ECS_NEEDS.ListServices?.({}, place),
      [`ecs:ListServices * ecs:cluster=${ECS}:cluster/default`],
    ],
    [
      'RunTask on the task definition, and PassRole for overrides',
      ECS_NEEDS.RunTask?.(
        {
          cluster: 'shop',
          taskDefinition: 'migrate:2',
          overrides: { taskRoleArn: ROLE },
          networkConfiguration: {
            awsvpcConfiguration: { subnets: ['subnet-1'], assignPublicIp: 'DISABLED' },
          },
        },
        place,
      ),
      [
        `ecs:RunTask ${ECS}:task-definition/migrate:2 ecs:cluster=${CLUSTER} ecs:subnet=subnet-1 ecs:auto-assign-public-ip=false`,
        `iam:PassRole ${ROLE} iam:PassedToService=ecs-tasks.amazonaws.com`,
      ],
    ],
    [
      'PassRole to ECS for the role that shifts traffic',
      ECS_NEEDS.CreateService?.(
        {
          cluster: 'shop',
          serviceName: 'web',
          loadBalancers: [
            {
              advancedConfiguration: {
                roleArn: ROLE,
                alternateTargetGroupArn: 'a',
                productionListenerRule: 'b',
              },
            },
          ],
        },
        place,
      ),
      [
        `ecs:CreateService ${ECS}:service/shop/web ecs:cluster=${CLUSTER}`,
        `iam:PassRole ${ROLE} iam:PassedToService=ecs.amazonaws.com`,
      ],
    ],
  ])('%s', (_title, needs, expected) => {
    expect(lines(needs)).toEqual(expected);
  });
});

describe('a call to another service takes', () => {
  test.each<[string, AccessNeed[] | undefined, string[]]>([
    [
      'GetAuthorizationToken on everything',
      ECR_NEEDS.GetAuthorizationToken?.({}, place),
      ['ecr:GetAuthorizationToken *'],
    ],
    [
      'PutImage on a repository of another registry',
      ECR_NEEDS.PutImage?.(
        { repositoryName: 'shop/web', registryId: '210987654321', imageManifest: '{}' },
        place,
      ),
      ['ecr:PutImage arn:aws:ecr:eu-west-1:210987654321:repository/shop/web'],
    ],
    [
      'DescribeRepositories on all of them when none is named',
      ECR_NEEDS.DescribeRepositories?.({}, place),
      ['ecr:DescribeRepositories arn:aws:ecr:eu-west-1:123456789012:repository/*'],
    ],
    [
      'CreateTargetGroup on what it will be, and AddTags',
      ELBV2_NEEDS.CreateTargetGroup?.({ Name: 'web', Tags: [{ Key: 'team', Value: 'shop' }] }, place),
      [
        'elasticloadbalancing:CreateTargetGroup arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/* aws:RequestTag/team=shop aws:TagKeys=team',
        'elasticloadbalancing:AddTags arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/* elasticloadbalancing:CreateAction=CreateTargetGroup aws:RequestTag/team=shop aws:TagKeys=team',
      ],
    ],
    [
      'ModifyRule on the rule',
      ELBV2_NEEDS.ModifyRule?.({ RuleArn: 'arn:rule' }, place),
      ['elasticloadbalancing:ModifyRule arn:rule'],
    ],
    [
      'AssumeRole and TagSession on the role',
      STS_NEEDS.AssumeRole?.(
        { RoleArn: ROLE, RoleSessionName: 'run', Tags: [{ Key: 'team', Value: 'shop' }] },
        place,
      ),
      [
        `sts:AssumeRole ${ROLE} sts:RoleSessionName=run aws:RequestTag/team=shop aws:TagKeys=team`,
        `sts:TagSession ${ROLE} sts:RoleSessionName=run aws:RequestTag/team=shop aws:TagKeys=team`,
      ],
    ],
    ['nothing to ask who one is', STS_NEEDS.GetCallerIdentity?.({}, place), []],
  ])('%s', (_title, needs, expected) => {
    expect(lines(needs)).toEqual(expected);
  });
});
