import { SSMClient } from '@aws-sdk/client-ssm';
import { Histogram, type Registry } from 'prom-client';
import type { Static } from 'typebox';
import { type App, createApp } from '../lib/app.ts';
import { awsClientOptions } from '../lib/aws.ts';
import { createMetrics, createResultCounter } from '../lib/metrics.ts';
import { defineService, type RunningService, type ServiceDeps } from '../lib/service.ts';
import { sqsClient } from '../lib/sqs.ts';
import { type EmailApiConfig, emailApi } from './config.ts';
import { createMailQueue } from './mail-queue.ts';
import { registerEmailRoute } from './routes.ts';
import { createTokenCheck, readTokenParameter } from './token.ts';

/** Two attempts: a throttled call is retried once, then the caller hears 503 and when to come back. */
const awsTiming = { requestTimeoutMs: 5_000, maxAttempts: 2 };

export const service = defineService(emailApi, start);

async function start(config: Static<typeof EmailApiConfig>, deps: ServiceDeps): Promise<RunningService> {
  const { clock, log, random } = deps;
  const identity = { service: emailApi.name, version: config.SERVICE_VERSION };
  const stop = new AbortController();
  const sqs = sqsClient(config.AWS_REGION, awsTiming, deps.aws);
  const ssm = new SSMClient(awsClientOptions(config.AWS_REGION, awsTiming, deps.aws));
  const metrics = createMetrics(identity.service, identity.version);
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
  const health = { alive: () => undefined, ready: { ssm: tokens.assertLoaded } };
  const { app, beginDrain } = createApp({ identity, log, metrics, health });
  countResults(app, metrics.registry);
  registerEmailRoute(app, { tokens, mails });
  // Runs once the requests in flight have been answered.
  app.addHook('onClose', async () => {
    stop.abort();
    await mails.flush();
    sqs.destroy();
    ssm.destroy();
  });
  void tokens.keepFresh(stop.signal);
  const url = await app.listen({ port: config.PORT, host: '0.0.0.0' });
  return {
    url,
    drainDelayMs: config.DRAIN_DELAY_MS,
    beginDrain,
    close: () => app.close(),
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
  app.addHook('onResponse', async (request, reply) => {
    if (request.routeOptions.url !== '/api/email') return;
    const other = reply.statusCode < 500 ? 'invalid' : 'failed';
    received.inc({ result: resultsByStatus[reply.statusCode] ?? other });
  });
}
