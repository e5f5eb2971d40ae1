import { join } from 'node:path';
import { ensurePythonTools } from '../../../local/machine/python-tools.ts';
import { type AwsStub, startAwsStub } from '../aws-stub.ts';
import type { Contestant, Goal } from '../contest.ts';
import { sendLoad } from '../load.ts';
import { type MeasuredServer, startServer } from '../server.ts';

const ours = 'email-api';
const seedStack = 'FastAPI + boto3';
const plain = 'Fastify + one SendMessage';

const mail = JSON.stringify({
  token: 'right-token',
  data: {
    email_subject: 'Your order is on its way',
    email_sender: 'John doe',
    email_timestream: '1693561101',
    email_content: 'It left the shop a minute ago and will be with you by noon.',
  },
});

/** G1 and G2: what one accepted mail costs, with the SQS call in it. */
export const emailApi: Goal = {
  id: 'G1, G2',
  title: 'mails accepted, 32 connections, SQS answers after 8 ms',
  gates: [
    { of: 'cpu', ours, peer: seedStack, bar: 0.2 },
    { of: 'cpu', ours, peer: plain, bar: 0.3 },
  ],
  async open() {
    const { bin } = await ensurePythonTools(['uvicorn'], { log: console.log });
    const stub = await startAwsStub();
    const env = environmentOf(stub);
    const folder = join(import.meta.dirname, '..');
    const services = join(folder, '..', '..', 'services');
    const node = [process.execPath, '--disable-warning=ExperimentalWarning'];
    const listening = /http:\/\/[^:"]+:(\d+)/;
    const [own, fastApi, fastify] = [
      await startServer(
        [...node, join(services, 'main.ts')],
        // The peers refuse nobody, however long the line is.
        { ...env, SERVICE: 'email-api', PORT: '0', SHED_ABOVE_MS: '0' },
        listening,
      ),
      await startServer(
        [join(bin, 'uvicorn'), '--app-dir', join(folder, 'peers'), '--port', '0', 'email_api:app'],
        env,
        listening,
      ),
      await startServer([...node, join(folder, 'peers', 'email-api.ts')], env, listening),
    ];
    return {
      contestants: [
        contestant(ours, own, 18_000),
        contestant(plain, fastify, 6_000),
        contestant(seedStack, fastApi, 1_000),
      ],
      close: stub.stop,
    };
  },
};

/** Where the stub is, as every SDK finds it. */
export function environmentOf(stub: AwsStub): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: stub.url,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: '123456789012',
    AWS_SECRET_ACCESS_KEY: 'x',
    SQS_QUEUE_URL: `${stub.url}/123456789012/email`,
    SSM_TOKEN_PARAMETER: '/email/token',
    S3_BUCKET_NAME: 'emails',
  };
}

function contestant(name: string, server: MeasuredServer, count: number): Contestant {
  return {
    name,
    async play() {
      const before = await server.cpuMs();
      const startedAt = performance.now();
      await sendLoad({ url: `${server.url}/api/email`, body: mail, connections: 32, count, status: 202 });
      return {
        operations: count,
        wallMs: performance.now() - startedAt,
        cpuMs: (await server.cpuMs()) - before,
      };
    },
    stop: server.stop,
  };
}
