import { Type } from 'typebox';
import { accessSettings, busSettings, drainSettings, redisSettings } from '../lib/backing.ts';
import { commonSettings, portSetting } from '../lib/config.ts';
import type { ServiceDescription } from '../lib/service.ts';
import { port } from './port.ts';
import { proxied } from './proxied.ts';

function urlOf(service: string) {
  return Type.String({
    minLength: 1,
    description: `Base URL of ${service}, without a path.`,
  });
}

/** What the gateway needs wherever the services are: each by itself, or all in its own process. */
export const edgeSettings = {
  IDENTITY_URL: urlOf('identity'),
  ORDER_URL: urlOf('order'),
  DRIVER_URL: urlOf('driver'),
  DISPATCH_URL: urlOf('dispatch'),
  TRACKING_URL: urlOf('tracking'),
  BFF_TIMEOUT_MS: Type.Integer({
    default: 2_000,
    minimum: 1,
    maximum: 25_000,
    description:
      'How long `/bff/*` waits for its parts; those that are not there by then are named as failed.',
  }),
  USER_REQUESTS_PER_MINUTE: Type.Integer({
    default: 600,
    minimum: 1,
    description: 'Requests of one account in a minute.',
  }),
  ADDRESS_REQUESTS_PER_MINUTE: Type.Integer({
    default: 3_000,
    minimum: 1,
    description: 'Requests from one address in a minute.',
  }),
  CORS_ORIGINS: Type.String({
    default: '',
    description:
      'Origins whose pages may ask, separated by commas, such as `https://app.example.com`; none if empty.',
  }),
  GRAPHQL: Type.Union([Type.Literal('off'), Type.Literal('on')], {
    default: 'off',
    description: 'Whether `/graphql` is served.',
  }),
  ...redisSettings,
  ...busSettings,
  ...accessSettings,
  ...drainSettings,
  ...commonSettings,
};

export const GatewayConfig = Type.Object({
  PORT: portSetting(port),
  NOTIFICATION_URL: urlOf('notification'),
  CUSTOMER_URL: urlOf('customer'),
  UPSTREAM_TIMEOUT_MS: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 25_000,
    description: 'How long a service may take to begin its answer.',
  }),
  ...edgeSettings,
});

export const gateway = {
  name: 'gateway',
  config: GatewayConfig,
  portVariable: port.variable,
  sockets: true,
  about: `Beside the routes below, these are passed on: ${proxied.map(({ prefix, to }) => `${prefix} (${to})`).join(', ')}.`,
} as const satisfies ServiceDescription<typeof GatewayConfig>;
