import { Type } from 'typebox';
import { commonSettings } from '../lib/config.ts';
import type { ServiceDescription } from '../lib/service.ts';
import { port } from './port.ts';

const EmailConsumerConfig = Type.Object({
  METRICS_PORT: Type.Integer({
    default: port.default,
    minimum: 0,
    maximum: 65_535,
    description: 'Port of `/metrics`, `/health`, `/ready` and `/version`.',
  }),
  SQS_QUEUE_URL: Type.String({
    minLength: 1,
    description: 'URL of the queue the mails come from; the queue is in `AWS_REGION`.',
  }),
  S3_BUCKET_NAME: Type.String({ minLength: 1, description: 'Bucket the mails are stored in.' }),
  SQS_POLL_INTERVAL: Type.Number({
    default: 0,
    minimum: 0,
    maximum: 900,
    description:
      'Pause after a poll that found nothing, in seconds. A poll itself waits up to 20 s for messages.',
  }),
  SQS_VISIBILITY_TIMEOUT: Type.Integer({
    default: 30,
    minimum: 2,
    maximum: 43_200,
    description:
      'For how long a mail in work is hidden from other consumers, in seconds; renewed at half time.',
  }),
  ...commonSettings,
});

export const emailConsumer = {
  name: 'email-consumer',
  config: EmailConsumerConfig,
  portVariable: port.variable,
} as const satisfies ServiceDescription<typeof EmailConsumerConfig>;
