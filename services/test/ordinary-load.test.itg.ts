import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundleService } from '../bundle.ts';
import { type AwsDouble, startAwsDouble } from './doubles/aws-double.ts';
import { type ServiceProcess, startServiceProcess } from './doubles/service-process.ts';

const mail = {
  token: 'right-token',
  data: { email_subject: 's', email_sender: 'John doe', email_timestream: '1', email_content: 'c' },
};

let folder: string;
let aws: AwsDouble;
let service: ServiceProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ordinary-load-'));
  const bundle = join(folder, 'main.cjs');
  await bundleService('email-api', fileURLToPath(new URL('..', import.meta.url)), bundle);
  aws = await startAwsDouble();
  // Load is shed as by default.
  service = await startServiceProcess(bundle, {
    PORT: '0',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    SQS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/email',
    SSM_TOKEN_PARAMETER: '/email/token',
  });
});
afterAll(async () => {
  service.kill('SIGKILL');
  await aws.close();
  await rm(folder, { recursive: true });
});

async function post(): Promise<string> {
  const answer = await fetch(`${service.url}/api/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(mail),
  });
  return answer.text();
}

test('nobody is refused by a process that has just started, while fifty wait for a slow SQS', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  aws.script.sqsGate = () => gate;
  const answers: Promise<string>[] = [];
  while (answers.length < 50) {
    answers.push(post());
    // The next comes when this one's work is done, however little of a processor the process gets.
    await (await fetch(`${service.url}/health`)).text();
  }
  open();
  expect((await Promise.all(answers)).filter((text) => text.includes('OVERLOADED'))).toEqual([]);
  expect(aws.accepted.length).toBeGreaterThan(0);
});
