import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleService } from '../bundle.ts';
import { type AwsDouble, startAwsDouble } from './doubles/aws-double.ts';
import { type Balancer, startBalancer } from './doubles/balancer.ts';
import { type ServiceProcess, startServiceProcess } from './doubles/service-process.ts';

const mail = {
  token: 'right-token',
  data: { email_subject: 's', email_sender: 'John doe', email_timestream: '1', email_content: 'c' },
};

let folder: string;
let bundle: string;
let aws: AwsDouble;
let balancer: Balancer;
const processes: ServiceProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'email-api-'));
  bundle = join(folder, 'main.cjs');
  await bundleService('email-api', fileURLToPath(new URL('..', import.meta.url)), bundle);
  aws = await startAwsDouble();
  balancer = await startBalancer();
});

afterAll(async () => {
  for (const { kill } of processes) kill('SIGKILL');
  balancer.close();
  await aws.close();
  await rm(folder, { recursive: true });
});

async function startInstance(changes: Record<string, string> = {}): Promise<ServiceProcess> {
  const instance = await startServiceProcess(bundle, {
    PORT: '0',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    SQS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/email',
    SSM_TOKEN_PARAMETER: '/email/token',
    DRAIN_DELAY_MS: '3000',
    // What is tested is the restart, on a machine that may be busy with other tests.
    SHED_ABOVE_MS: '0',
    ...changes,
  });
  processes.push(instance);
  return instance;
}

interface Answer {
  status: number;
  text: string;
}

/** Sends 200 mails a second through the balancer until told to stop; gives every answer. */
function startLoad(): { stop: () => Promise<Answer[]> } {
  const answers: Promise<Answer>[] = [];
  const timer = setInterval(() => answers.push(post()), 5);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(answers);
    },
  };
}

async function post(): Promise<Answer> {
  try {
    const response = await fetch(`${balancer.url}/api/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(mail),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: 0, text: String(error) };
  }
}

/** SIGTERM and deregistration together; the balancer learns of it two seconds later. */
async function stopAtOnce(old: ServiceProcess): Promise<void> {
  old.kill('SIGTERM');
  await wait(2_000);
  balancer.targets.delete(old.url);
}

/** The balancer forgets the target, lets it drain, and SIGTERM comes after that. */
async function deregisterFirst(old: ServiceProcess): Promise<void> {
  balancer.targets.delete(old.url);
  await wait(500);
  old.kill('SIGTERM');
}

describe.each([
  ['SIGTERM at once', stopAtOnce],
  ['deregistered first', deregisterFirst],
])('a rolling restart under 200 requests a second, %s', (_order, stopOld) => {
  test('fails no request, and SQS has every mail that was answered 202', async () => {
    let current = [await startInstance(), await startInstance()];
    balancer.targets.clear();
    for (const { url } of current) balancer.targets.add(url);
    const load = startLoad();
    const exits: (number | string)[] = [];
    for (const old of current) {
      const fresh = await startInstance();
      balancer.targets.add(fresh.url);
      await stopOld(old);
      exits.push(await old.exited);
      current = [...current.slice(1), fresh];
    }
    const answers = await load.stop();
    expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
    expect(answers.length).toBeGreaterThan(100);
    expect(exits).toEqual([0, 0]);
    const queued = new Set(aws.accepted.map(({ messageId }) => messageId));
    expect(answers.filter(({ text }) => !queued.has(JSON.parse(text).messageId))).toEqual([]);
    for (const { kill } of current) kill('SIGKILL');
  });
});

describe('a signal', () => {
  test('that comes twice ends the process at once with 1', async () => {
    const instance = await startInstance({ DRAIN_DELAY_MS: '60000' });
    instance.kill('SIGTERM');
    while (!instance.log.some((line) => line.includes('draining'))) await wait(10);
    instance.kill('SIGTERM');
    expect(await instance.exited).toBe(1);
  });

  test('whose shutdown takes too long ends the process with 1', async () => {
    const instance = await startInstance({ DRAIN_DELAY_MS: '60000', SHUTDOWN_TIMEOUT_MS: '200' });
    instance.kill('SIGTERM');
    expect(await instance.exited).toBe(1);
    expect(instance.log.at(-1)).toContain('shutdown took too long');
  });
});
