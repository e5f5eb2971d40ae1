import { describe, expect, test } from '@jest/globals';
import { type BackendRequest, backendNeeds, membersOf } from '../backend-needs.ts';

const place = { accountId: '123456789012', region: 'eu-west-1' };
const PARAMETER = 'arn:aws:ssm:eu-west-1:123456789012:parameter';
const GROUP = 'arn:aws:logs:eu-west-1:123456789012:log-group';

/** `action resource …` for each permission. */
const lines = (request: Partial<BackendRequest>): string[] =>
  backendNeeds({ method: 'POST', url: '/', input: {}, ...request }, place).map(
    ({ action, resources }) => `${action} ${resources.join(' ')}`,
  );

const ask = (service: string, operation: string | undefined, input: Record<string, unknown> = {}) =>
  lines({ service, operation, input });

describe('a call that the back end answers takes', () => {
  test.each<[string, string | undefined, Record<string, unknown>, string]>([
    ['ssm', 'PutParameter', { Name: '/prod/api/image' }, `ssm:PutParameter ${PARAMETER}/prod/api/image`],
    ['ssm', 'GetParameter', { Name: 'token:3' }, `ssm:GetParameter ${PARAMETER}/token`],
    ['ssm', 'GetParameter', { Name: `${PARAMETER}/token` }, `ssm:GetParameter ${PARAMETER}/token`],
    ['ssm', 'GetParameters', { Names: ['/a', '/b'] }, `ssm:GetParameters ${PARAMETER}/a ${PARAMETER}/b`],
    ['ssm', 'GetParametersByPath', { Path: '/prod/' }, `ssm:GetParametersByPath ${PARAMETER}/prod`],
    ['ssm', 'DescribeParameters', {}, 'ssm:DescribeParameters *'],
    [
      'secretsmanager',
      'GetSecretValue',
      { SecretId: 'db' },
      'secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-??????',
    ],
    [
      'sqs',
      'SendMessageBatch',
      { QueueUrl: 'http://127.0.0.1:1/210987654321/mail' },
      'sqs:SendMessage arn:aws:sqs:eu-west-1:210987654321:mail',
    ],
    ['sqs', 'GetQueueUrl', { QueueName: 'mail' }, 'sqs:GetQueueUrl arn:aws:sqs:eu-west-1:123456789012:mail'],
    ['sqs', 'ListQueues', {}, 'sqs:ListQueues *'],
    [
      'sns',
      'Publish',
      { TopicArn: 'arn:aws:sns:eu-west-1:123456789012:news' },
      'sns:Publish arn:aws:sns:eu-west-1:123456789012:news',
    ],
    ['sns', 'CreateTopic', { Name: 'news' }, 'sns:CreateTopic arn:aws:sns:eu-west-1:123456789012:news'],
    [
      'logs',
      'PutLogEvents',
      { logGroupName: '/ecs/web', logStreamName: 'web/1' },
      `logs:PutLogEvents ${GROUP}:/ecs/web:log-stream:web/1`,
    ],
    ['logs', 'DescribeLogGroups', {}, 'logs:DescribeLogGroups *'],
    [
      'dynamodb',
      'Query',
      { TableName: 'mail', IndexName: 'by-day' },
      'dynamodb:Query arn:aws:dynamodb:eu-west-1:123456789012:table/mail/index/by-day',
    ],
    [
      'monitoring',
      'DescribeAlarms',
      { AlarmNames: ['5xx'] },
      'cloudwatch:DescribeAlarms arn:aws:cloudwatch:eu-west-1:123456789012:alarm:5xx',
    ],
    ['monitoring', 'PutMetricData', { Namespace: 'Shop' }, 'cloudwatch:PutMetricData *'],
    ['iam', 'GetRole', { RoleName: 'web' }, 'iam:GetRole arn:aws:iam::123456789012:role/web'],
    ['kms', 'Decrypt', { KeyId: 'alias/web' }, 'kms:Decrypt *'],
    ['kms', 'Decrypt', { KeyId: 'k-1' }, 'kms:Decrypt arn:aws:kms:eu-west-1:123456789012:key/k-1'],
    [
      'states',
      'StartExecution',
      { stateMachineArn: 'arn:aws:states:eu-west-1:1:stateMachine:x' },
      'states:StartExecution arn:aws:states:eu-west-1:1:stateMachine:x',
    ],
    ['ec2', 'DescribeSubnets', {}, 'ec2:DescribeSubnets *'],
    ['lambda', undefined, {}, 'lambda:* *'],
  ])('%s %s of %j', (service, operation, input, expected) => {
    expect(ask(service, operation, input)).toEqual([expected]);
  });

  test('nothing where nobody signed', () => {
    expect(lines({})).toEqual([]);
  });
});

describe('a request to S3 takes', () => {
  test.each<[string, string, string[]]>([
    ['GET', '/', ['s3:ListAllMyBuckets *']],
    ['GET', '/mail?list-type=2&prefix=2026%2F', ['s3:ListBucket arn:aws:s3:::mail']],
    ['HEAD', '/mail', ['s3:ListBucket arn:aws:s3:::mail']],
    ['PUT', '/mail', ['s3:CreateBucket arn:aws:s3:::mail']],
    ['PUT', '/mail?versioning', ['s3:PutBucketVersioning arn:aws:s3:::mail']],
    ['POST', '/mail?delete', ['s3:DeleteObject arn:aws:s3:::mail/*']],
    ['GET', '/mail/2026/a%20b.json?x-id=GetObject', ['s3:GetObject arn:aws:s3:::mail/2026/a b.json']],
    ['HEAD', '/mail/a.json', ['s3:GetObject arn:aws:s3:::mail/a.json']],
    ['GET', '/mail/a.json?versionId=1', ['s3:GetObjectVersion arn:aws:s3:::mail/a.json']],
    ['PUT', '/mail/a.json?x-id=PutObject', ['s3:PutObject arn:aws:s3:::mail/a.json']],
    [
      'PUT',
      '/mail/a.json?partNumber=1&uploadId=u&x-id=UploadPart',
      ['s3:PutObject arn:aws:s3:::mail/a.json'],
    ],
    ['POST', '/mail/a.json?uploads', ['s3:PutObject arn:aws:s3:::mail/a.json']],
    ['DELETE', '/mail/a.json?uploadId=u', ['s3:AbortMultipartUpload arn:aws:s3:::mail/a.json']],
    ['DELETE', '/mail/a.json', ['s3:DeleteObject arn:aws:s3:::mail/a.json']],
    ['GET', '/mail/a.json?torrent', ['s3:* arn:aws:s3:::mail/a.json']],
  ])('%s %s', (method, url, expected) => {
    expect(lines({ service: 's3', method, url })).toEqual(expected);
  });

  test('what a bucket in the host and the source of a copy take', () => {
    const request = { service: 's3', method: 'PUT', url: '/b', host: 'mail.s3.eu-west-1.amazonaws.com' };
    expect(lines({ ...request, copySource: '/other/a%20b?versionId=1' })).toEqual([
      's3:PutObject arn:aws:s3:::mail/b',
      's3:GetObject arn:aws:s3:::other/a b',
    ]);
  });
});

describe('the members of a body', () => {
  test('are those of JSON or of a form, and none of what is neither', () => {
    expect(membersOf('{"Name":"x"}', true)).toEqual({ Name: 'x' });
    expect(membersOf('Action=Publish&TopicArn=t', false)).toEqual({ Action: 'Publish', TopicArn: 't' });
    expect([membersOf('{', true), membersOf('[1]', true), membersOf('', true)]).toEqual([{}, {}, {}]);
  });
});
