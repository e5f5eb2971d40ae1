import { Type } from 'typebox';
import { commonSettings, portSetting } from '../lib/config.ts';
import type { ServiceDescription } from '../lib/service.ts';
import { port } from './port.ts';

export const EmailApiConfig = Type.Object({
  PORT: portSetting(port),
  SQS_QUEUE_URL: Type.String({
    minLength: 1,
    description: 'URL of the queue the mails go to; the queue is in `AWS_REGION`.',
  }),
  SSM_TOKEN_PARAMETER: Type.String({
    minLength: 1,
    description: 'Name of the SSM SecureString parameter that holds the token callers must show.',
  }),
  DRAIN_DELAY_MS: Type.Integer({
    default: 8_000,
    minimum: 0,
    description:
      'How long requests are still served after SIGTERM; at least as long as the load balancer takes to forget a target.',
  }),
  ...commonSettings,
});

export const emailApi = {
  name: 'email-api',
  config: EmailApiConfig,
  portVariable: port.variable,
} as const satisfies ServiceDescription<typeof EmailApiConfig>;
