import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as scaling from '@aws-sdk/client-application-auto-scaling';
import * as ecr from '@aws-sdk/client-ecr';
import * as ecs from '@aws-sdk/client-ecs';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as sts from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import { listOperations, ownServices, withOperations } from '../../../../scripts/local-aws-operations.ts';
import { inProcessHandler } from '../../wire/in-process.ts';
import { jsonService } from '../../wire/json.ts';
import { queryService } from '../../wire/query.ts';
import type { AwsService } from '../../wire/service.ts';

const PAGE = join(import.meta.dirname, '../../../../docs/local-aws-operations.md');

describe('docs/local-aws-operations.md', () => {
  test('says what the code gives; node scripts/docs.ts writes it', () => {
    const text = readFileSync(PAGE, 'utf8');
    expect(withOperations(text)).toBe(text);
  });

  test('needs its markers', () => {
    expect(() => withOperations('# nothing')).toThrow('needs the markers');
  });

  test('counts every operation of each SDK client once', () => {
    for (const { claimed, refused } of listOperations()) {
      expect(claimed.length).toBeGreaterThan(0);
      expect(claimed.filter((name) => refused.includes(name))).toEqual([]);
    }
  });
});

const settings = (service: AwsService) => ({
  region: 'us-east-1',
  credentials: { accessKeyId: '123456789012', secretAccessKey: 'secret' },
  maxAttempts: 1,
  requestHandler: inProcessHandler(service, ({ accessKeyId, region }) => ({
    ...{ accountId: accessKeyId, accessKeyId, region, now: 0 },
  })),
});

/** The handlers of a service, by its title on the page. */
const handlersOf = (title: string): object => ownServices().find(([each]) => each === title)?.[2] ?? {};

describe('an operation that is not claimed', () => {
  const target = {
    ServiceNamespace: 'ecs',
    ResourceId: 'service/a/b',
    ScalableDimension: 'ecs:service:DesiredCount',
  } as const;
  test.each<[string, () => Promise<unknown>]>([
    [
      'ListContainerInstances',
      () =>
        new ecs.ECSClient(settings(jsonService(ecs, handlersOf('Amazon ECS')))).send(
          new ecs.ListContainerInstancesCommand({}),
        ),
    ],
    [
      'GetRegistryPolicy',
      () =>
        new ecr.ECRClient(settings(jsonService(ecr, handlersOf('Amazon ECR')))).send(
          new ecr.GetRegistryPolicyCommand({}),
        ),
    ],
    [
      'DescribeTrustStores',
      () =>
        new elb.ElasticLoadBalancingV2Client(
          settings(queryService(elb, 'urn:elb', handlersOf('Elastic Load Balancing v2'))),
        ).send(new elb.DescribeTrustStoresCommand({})),
    ],
    [
      'GetSessionToken',
      () =>
        new sts.STSClient(settings(queryService(sts, 'urn:sts', handlersOf('AWS STS')))).send(
          new sts.GetSessionTokenCommand({}),
        ),
    ],
    [
      'PutScheduledAction',
      () =>
        new scaling.ApplicationAutoScalingClient(
          settings(jsonService(scaling, handlersOf('Application Auto Scaling'))),
        ).send(new scaling.PutScheduledActionCommand({ ...target, ScheduledActionName: 'night' })),
    ],
  ])('is refused by its name: %s', async (name, send) => {
    expect(listOperations().flatMap(({ refused }) => refused)).toContain(name);
    await expect(send()).rejects.toMatchObject({
      name: 'UnsupportedOperation',
      message: `The local AWS does not offer the operation ${name}.`,
      $metadata: { httpStatusCode: 501 },
    });
  });
});
