import { SSMClient } from '@aws-sdk/client-ssm';
import { Histogram, type Registry } from 'prom-client';
import type { Static } from 'typebox';
import type { App } from '../lib/app.ts';
import { awsClientOptions } from '../lib/aws.ts';
import { createResultCounter } from '../lib/metrics.ts';
import { defineService, type ServiceContext, type ServiceParts } from '../lib/service.ts';
import { sqsClient } from '../lib/sqs.ts';
import { type EmailApiConfig, emailApi } from './config.ts';
import { createMailQueue } from './mail-queue.ts';
import { registerEmailRoute } from './routes.ts';
import { createTokenCheck, readTokenParameter } from './token.ts';

/** Two attempts: a throttled call is retried once, then the caller hears 503 and when to come back. */
const awsTiming = { requestTimeoutMs: 5_000, maxAttempts: 2 };

export const service = defineService(emailApi, setUp);

async function setUp(config: Static<typeof EmailApiConfig>, context: ServiceContext): Promise<ServiceParts> {
  const { app, aws, clock, log, metrics, random, stopped } = context;
  const sqs = sqsClient(config.AWS_REGION, awsTiming, aws);
  const ssm = new SSMClient(awsClientOptions(config.AWS_REGION, awsTiming, aws));
  const tokens = createTokenCheck({
    read: () => readTokenParameter(ssm, config.SSM_TOKEN_PARAMETER),
    clock,
    log,
  });
  const mails = createMailQueue({
    sqs,
    queueUrl: config.SQS_QUEUE_URL,
    clock,
    random,
    log,
    onBatch: registerBatchSize(metrics.registry),
  });
  countResults(app, metrics.registry);
  registerEmailRoute(app, { tokens, mails });
  void tokens.keepFresh(stopped);
  return {
    ready: { ssm: tokens.assertLoaded },
    async close() {
      await mails.flush();
      sqs.destroy();
      ssm.destroy();
    },
  };
}

function registerBatchSize(registry: Registry): (size: number) => void {
  const histogram = new Histogram({
    name: 'emails_sent_batch_size',
    help: 'Mails of one SendMessageBatch call.',
    buckets: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    registers: [registry],
  });
  return (size) => histogram.observe(size);
}

const resultsByStatus: Readonly<Record<number, string>> = {
  202: 'accepted',
  401: 'unauthorized',
  413: 'too_large',
  503: 'unavailable',
};

function countResults(app: App, registry: Registry): void {
  const results = [...Object.values(resultsByStatus), 'invalid', 'failed'];
  const received = createResultCounter(
    registry,
    'emails_received_total',
    'Mails received, by outcome.',
    results,
  );
  app.addHook('onResponse', (request, reply, done) => {
    if (request.routeOptions.url === '/api/email') {
      const other = reply.statusCode < 500 ? 'invalid' : 'failed';
      received.inc({ result: resultsByStatus[reply.statusCode] ?? other });
    }
    done();
  });
}
