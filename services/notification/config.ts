import { Type } from 'typebox';
import { accessSettings, busSettings, databaseSettings, drainSettings } from '../lib/backing.ts';
import { commonSettings, portSetting } from '../lib/config.ts';
import type { ServiceDescription } from '../lib/service.ts';
import { port } from './port.ts';

export const NotificationConfig = Type.Object({
  PORT: portSetting(port),
  NOTIFICATION_QUEUE_URL: Type.String({
    minLength: 1,
    description: 'URL of the queue of jobs; the queue is in `AWS_REGION`.',
  }),
  NOTIFICATION_DLQ_URL: Type.String({ minLength: 1, description: 'URL of its dead-letter queue.' }),
  NOTIFICATION_TABLE: Type.String({ minLength: 1, description: 'DynamoDB table of the feeds.' }),
  SQS_QUEUE_URL: Type.String({
    minLength: 1,
    description: 'URL of the queue of the e-mail pipeline, which takes mails where there is no SendGrid key.',
  }),
  METRIC_NAMESPACE: Type.String({
    default: 'Berth',
    description: 'CloudWatch namespace of the depth of the dead-letter queue; one an environment.',
  }),
  PROVIDERS: Type.String({ default: '', description: "The providers' keys as JSON; else their secret." }),
  PROVIDERS_SECRET_ARN: Type.String({
    default: '',
    description: 'Secret with those keys; a new value counts within a minute.',
  }),
  ...databaseSettings,
  ...busSettings,
  ...accessSettings,
  ...drainSettings,
  ...commonSettings,
});

export const notification = {
  name: 'notification',
  config: NotificationConfig,
  portVariable: port.variable,
  schema: 'notifications',
} as const satisfies ServiceDescription<typeof NotificationConfig>;
