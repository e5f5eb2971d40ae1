import { describe, expect, test } from '@jest/globals';
import {
  ecrClient,
  elbv2Client,
  iamClient,
  logsClient,
  secretsClient,
  ssmClient,
  stsClient,
} from '../../core/src/aws-clients.ts';
import { type Answer, refuse, scriptedAws, type WireCall } from '../../core/test/doubles/scripted-aws.ts';
import { readNeededThings } from '../src/needed-things.ts';

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop';
const DIGEST = `sha256:${'1'.repeat(64)}`;
const NEWER = `sha256:${'2'.repeat(64)}`;

/** Reads what one container needs; `answer` scripts ECR, SSM and Logs. */
async function read(container: object, answer: (call: WireCall) => Answer, deployed?: string) {
  const aws = scriptedAws(answer);
  const clients = {
    ecr: () => ecrClient(aws.access),
    ssm: ssmClient(aws.access),
    logs: logsClient(aws.access),
    elb: elbv2Client(aws.access),
    secrets: secretsClient(aws.access),
    iam: iamClient(aws.access),
    sts: stsClient(aws.access),
  };
  const taskDefinitionArn = 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:2';
  const document = {
    taskDefinitionArn,
    containerDefinitions: [{ name: 'app', image: 'busybox', ...container }],
  };
  const digests = new Map(deployed ? [['app', deployed]] : []);
  return { things: await readNeededThings(document, [], digests, clients), calls: aws.calls };
}

const image = (status = 'ACTIVE', imageDigest = DIGEST): Answer => ({
  imageDetails: [{ imageDigest, imageStatus: status }],
});

const repository = (host: string): Answer => ({
  repositories: [{ registryId: '123456789012', repositoryUri: `${host}/shop/web` }],
});

describe('the image of a container', () => {
  test.each<[string, string, (call: WireCall) => Answer, object]>([
    ['is there', `${HOST}/web@${DIGEST}`, () => image(), { state: 'there' }],
    ['is missing', `${HOST}/web@${DIGEST}`, () => refuse('ImageNotFoundException'), { state: 'missing' }],
    ['has no repository', `${HOST}/web:1`, () => refuse('RepositoryNotFoundException'), { state: 'missing' }],
    [
      'is archived',
      `${HOST}/web@${DIGEST}`,
      () => image('ARCHIVED'),
      { state: 'archived', why: expect.stringContaining('aws ecr update-image-storage-class') },
    ],
    [
      'may not be looked at',
      `${HOST}/web@${DIGEST}`,
      () => refuse('AccessDeniedException', 'no'),
      { state: 'unknown', why: expect.stringContaining('ecr:DescribeImages') },
    ],
    ['is not in ECR', 'docker.io/library/busybox', () => ({}), { state: 'unknown', why: 'it is not in ECR' }],
    [
      'is in a registry on this machine that is ECR’s own',
      `127.0.0.1:4566/shop/web@${DIGEST}`,
      ({ operation }) => (operation === 'DescribeRepositories' ? repository('127.0.0.1:4566') : image()),
      { state: 'there' },
    ],
    [
      'is missing in a registry on this machine that is ECR’s own',
      `127.0.0.1:4566/shop/web@${DIGEST}`,
      ({ operation }) =>
        operation === 'DescribeRepositories'
          ? repository('127.0.0.1:4566')
          : refuse('ImageNotFoundException'),
      { state: 'missing' },
    ],
    [
      'is in another registry on this machine',
      `127.0.0.1:5000/shop/web@${DIGEST}`,
      () => repository('127.0.0.1:4566'),
      { state: 'unknown', why: 'it is not in ECR' },
    ],
    [
      'is in a registry on this machine, and AWS has no repository of that name',
      `localhost:5000/shop/web@${DIGEST}`,
      () => refuse('RepositoryNotFoundException'),
      { state: 'unknown', why: 'it is not in ECR' },
    ],
    [
      'has a tag that moved on',
      `${HOST}/web:latest`,
      ({ input }) => image('ACTIVE', input.imageIds?.[0]?.imageTag ? NEWER : DIGEST),
      { state: 'there', moved: { container: 'app', deployed: DIGEST, now: NEWER } },
    ],
    [
      'has a tag that is gone',
      `${HOST}/web:latest`,
      ({ input }) => (input.imageIds?.[0]?.imageTag ? refuse('ImageNotFoundException') : image()),
      { state: 'there', moved: { container: 'app', deployed: DIGEST } },
    ],
    ['has a tag that stayed', `${HOST}/web:1`, () => image(), { state: 'there' }],
    [
      'is being restored',
      `${HOST}/web@${DIGEST}`,
      () => image('ACTIVATING'),
      { state: 'archived', why: expect.stringContaining('being restored') },
    ],
  ])('%s', async (_title, name, answer, expected) => {
    const { things } = await read({ image: name }, answer, DIGEST);
    expect(things[0]).toMatchObject({ what: 'image', name, ...expected });
  });
});

describe('parameters, secrets and log groups', () => {
  const secrets = (valueFrom: string) => ({ secrets: [{ name: 'KEY', valueFrom }] });
  const log = (options: object) => ({
    logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/ecs/web', ...options } },
  });

  test('a parameter is looked up by its name or ARN, without its value', async () => {
    for (const from of ['/shop/key', 'arn:aws:ssm:us-east-1:123456789012:parameter/shop/key']) {
      const { things, calls } = await read(secrets(from), () => ({ Parameters: [{ LastModifiedDate: 5 }] }));
      expect(things[1]).toEqual({ what: 'parameter', name: '/shop/key', state: 'there', changedAt: 5_000 });
      expect(calls.map(({ operation }) => operation)).toEqual(['DescribeParameters']);
    }
  });

  test('a parameter is found behind a page without any', async () => {
    const { things } = await read(secrets('/shop/key'), ({ input }) =>
      input.NextToken ? { Parameters: [{ LastModifiedDate: 5 }] } : { Parameters: [], NextToken: 'more' },
    );
    expect(things[1]).toMatchObject({ what: 'parameter', state: 'there' });
  });

  test('a parameter that is gone is missing', async () => {
    const { things } = await read(secrets('/shop/key'), () => ({ Parameters: [] }));
    expect(things[1]).toMatchObject({ what: 'parameter', state: 'missing' });
  });

  test.each([
    ['arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key', 'parameter', 'it is in eu-west-1'],
    [
      'arn:aws:ssm:us-east-1:210987654321:parameter/key',
      'parameter',
      'it belongs to the account 210987654321',
    ],
    ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf', 'secret', 'it is in eu-west-1'],
  ])('%s is not looked for from elsewhere', async (reference, what, why) => {
    const { things, calls } = await read(secrets(reference), () => ({}));
    expect(things[1]).toMatchObject({ what, state: 'unknown', why });
    expect(calls).toEqual([]);
  });

  test('a secret by way of a parameter is a secret', async () => {
    const { things, calls } = await read(secrets('/aws/reference/secretsmanager/shop/key'), () => ({}));
    expect(things[1]).toMatchObject({ what: 'secret', name: 'shop/key', state: 'there' });
    expect(calls[0]?.input).toEqual({ SecretId: 'shop/key' });
  });

  test('a log group of another region is not looked for', async () => {
    const { things, calls } = await read(log({ 'awslogs-region': 'eu-west-1' }), () => ({}));
    expect(things[1]).toMatchObject({ what: 'log group', state: 'unknown', why: 'it is in eu-west-1' });
    expect(calls).toEqual([]);
  });

  test('a version of a parameter is no part of its name', async () => {
    const { calls } = await read(secrets('/shop/key:3'), () => ({ Parameters: [] }));
    expect(calls[0]?.input.ParameterFilters?.[0]?.Values).toEqual(['/shop/key']);
  });

  const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf';
  const found = (more: object = {}): Answer => ({
    LastChangedDate: 7,
    VersionIdsToStages: { v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] },
    ...more,
  });
  test.each<[string, string, Answer, object]>([
    ['is there', SECRET, found(), { state: 'there', changedAt: 7_000 }],
    ['is there, of which one key is used', `${SECRET}:password::`, found(), { state: 'there' }],
    ['has the version that is named', `${SECRET}:::v1`, found(), { state: 'there' }],
    ['lacks the version that is named', `${SECRET}:::v0`, found(), { state: 'missing' }],
    ['lacks the stage that is named', `${SECRET}::OLD:`, found(), { state: 'missing' }],
    ['is being deleted', SECRET, found({ DeletedDate: 9 }), { state: 'missing' }],
    ['is gone', SECRET, refuse('ResourceNotFoundException'), { state: 'missing' }],
    ['may not be looked at', SECRET, refuse('AccessDeniedException'), { state: 'unknown' }],
  ])('a secret %s', async (_title, reference, answer, expected) => {
    const { things, calls } = await read(secrets(reference), () => answer);
    expect(things[1]).toMatchObject({ what: 'secret', name: 'key-AbCdEf', ...expected });
    expect(calls).toMatchObject([{ operation: 'DescribeSecret', input: { SecretId: SECRET } }]);
  });

  test.each([
    ['there', {}, '/ecs/web', ['there']],
    ['missing, though another begins alike', {}, '/ecs/web-2', ['missing']],
    ['not looked for where ECS makes it', { 'awslogs-create-group': 'true' }, '', []],
  ])('a log group is %s', async (_title, options, found, states) => {
    const { things } = await read(log(options), () => ({ logGroups: [{ logGroupName: found }] }));
    expect(things.filter(({ what }) => what === 'log group').map(({ state }) => state)).toEqual(states);
  });
});
