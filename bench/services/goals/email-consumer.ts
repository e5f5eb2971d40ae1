import { join } from 'node:path';
import { type AwsStub, startAwsStub } from '../aws-stub.ts';
import type { Contestant, Goal } from '../contest.ts';
import { type MeasuredServer, startServer } from '../server.ts';
import { environmentOf } from './email-api.ts';

const ours = 'email-consumer';
const single = 'sqs-consumer';
const fourfold = 'sqs-consumer, four of them';

const mail = JSON.stringify({
  email_subject: 'Your order is on its way',
  email_sender: 'John doe',
  email_timestream: '1693561101',
  email_content: 'It left the shop a minute ago and will be with you by noon.',
});

/** G5: how many mails one process stores. */
export const emailConsumer: Goal = {
  id: 'G5',
  title: 'mails stored by one process, SQS answers after 8 ms, S3 after 20 ms',
  gates: [
    { of: 'rate', ours, peer: single, bar: 6 },
    { of: 'rate', ours, peer: fourfold, bar: 2.5 },
  ],
  async open() {
    const stub = await startAwsStub();
    const folder = join(import.meta.dirname, '..');
    const node = [process.execPath, '--disable-warning=ExperimentalWarning'];
    const envOf = (queue: string) => ({
      ...environmentOf(stub),
      SQS_QUEUE_URL: `${stub.url}/123456789012/${queue}`,
    });
    const peer = (queue: string, consumers: string) =>
      startServer(
        [...node, join(folder, 'peers', 'email-consumer.ts')],
        { ...envOf(queue), CONSUMERS: consumers },
        /^(ready)$/,
      );
    const main = join(folder, '..', '..', 'services', 'main.ts');
    const own = await startServer(
      [...node, main],
      { ...envOf('ours'), SERVICE: 'email-consumer', METRICS_PORT: '0' },
      /"url":"http:\/\/[^:]+:(\d+)"/,
    );
    return {
      contestants: [
        contestant(ours, own, { stub, queue: 'ours', count: 1_500 }),
        contestant(single, await peer('single', '1'), { stub, queue: 'single', count: 150 }),
        contestant(fourfold, await peer('fourfold', '4'), { stub, queue: 'fourfold', count: 600 }),
      ],
      close: stub.stop,
    };
  },
};

function contestant(
  name: string,
  server: MeasuredServer,
  { stub, queue, count }: { stub: AwsStub; queue: string; count: number },
): Contestant {
  return {
    name,
    async play() {
      const before = await server.cpuMs();
      const startedAt = performance.now();
      await stub.drainQueue(
        queue,
        Array.from({ length: count }, () => mail),
      );
      return {
        operations: count,
        wallMs: performance.now() - startedAt,
        cpuMs: (await server.cpuMs()) - before,
      };
    },
    stop: server.stop,
  };
}
