/**
 * Makes in moto what Terraform makes in AWS: buckets, queues, the feed's table, the mail token, and a fresh key that
 * signs access tokens. What is there already is left alone. Needs nothing but Node: moto does not check signatures,
 * only whom they are for.
 */
import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const endpoint = process.env.AWS_ENDPOINT_URL;
const region = process.env.AWS_REGION;
const account = process.env.AWS_ACCESS_KEY_ID;
const patienceMs = 60_000;

/** Sends one call. A resource that exists is fine; anything else that is not 2xx is told with moto's words. */
async function call(service, method, path, headers, body) {
  const credential = `${account}/20260101/${region}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none`;
  const answer = await fetch(endpoint + path, { method, headers: { ...headers, authorization }, body });
  const text = await answer.text();
  const isThere = /AlreadyExists|AlreadyOwnedByYou|ResourceInUse|ResourceExists/.test(text);
  if (!answer.ok && !isThere) throw new Error(`${service} ${path}: ${answer.status} ${text}`);
  return text;
}

const json = (service, target, body, version = '1.1') =>
  call(
    service,
    'POST',
    '/',
    { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
    JSON.stringify(body),
  );

async function makeQueue(name) {
  await json('sqs', 'AmazonSQS.CreateQueue', { QueueName: `${name}-dlq` }, '1.0');
  const deadLetterTargetArn = `arn:aws:sqs:${region}:${account}:${name}-dlq`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 });
  await json('sqs', 'AmazonSQS.CreateQueue', { QueueName: name, Attributes: { RedrivePolicy } }, '1.0');
}

function makeKeys() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return JSON.stringify({ current: { ...privateKey.export({ format: 'jwk' }), kid: 'local' } });
}

async function untilItAnswers() {
  const end = Date.now() + patienceMs;
  while (!(await fetch(endpoint).catch(() => undefined))) {
    if (Date.now() > end) throw new Error(`${endpoint} does not answer.`);
    await sleep(200);
  }
}

await untilItAnswers();
for (const bucket of ['uploads', 'emails']) await call('s3', 'PUT', `/${bucket}`, {});
for (const queue of ['notification-jobs', 'email']) await makeQueue(queue);
await json(
  'dynamodb',
  'DynamoDB_20120810.CreateTable',
  {
    TableName: 'notifications',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  },
  '1.0',
);
await json('ssm', 'AmazonSSM.PutParameter', {
  Name: '/platform/email-token',
  Type: 'SecureString',
  Value: process.env.EMAIL_TOKEN ?? 'local-token',
});
await json('secretsmanager', 'secretsmanager.CreateSecret', { Name: 'jwt/keys', SecretString: makeKeys() });
