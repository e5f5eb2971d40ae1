import { Type } from 'typebox';
import {
  accessSettings,
  busSettings,
  databaseSettings,
  drainSettings,
  redisSettings,
} from '../lib/backing.ts';
import { commonSettings, portSetting } from '../lib/config.ts';
import type { ServiceDescription } from '../lib/service.ts';
import { port } from './port.ts';
import { strategyNames } from './schemas.ts';

const assignments = ['auto', 'offer'] as const;

export const DispatchConfig = Type.Object({
  PORT: portSetting(port),
  ORDER_URL: Type.String({
    pattern: '^https?://',
    description: 'Where order is, such as `http://order:3001`.',
  }),
  STRATEGY: Type.Union(
    strategyNames.map((name) => Type.Literal(name)),
    { default: 'nearest', description: 'How drivers are chosen: `nearest`, `batch-greedy` or `optimal`.' },
  ),
  ASSIGNMENT: Type.Union(
    assignments.map((name) => Type.Literal(name)),
    {
      default: 'auto',
      description: '`auto` gives an order to the driver chosen; `offer` asks the driver first.',
    },
  ),
  OFFER_SECONDS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 3_600,
    description: 'How long a driver may think about an offer.',
  }),
  LEAD_SECONDS: Type.Integer({
    default: 900,
    minimum: 0,
    description: 'How long before its time a booking is given to a driver.',
  }),
  OSRM_URL: Type.String({
    default: '',
    description: 'OSRM whose road times decide, such as `http://osrm:5000`; else straight lines do.',
  }),
  METRIC_NAMESPACE: Type.String({
    default: 'Berth',
    description: 'CloudWatch namespace of the depth that scaling reads; one an environment.',
  }),
  NOTIFICATION_QUEUE_URL: Type.String({ minLength: 1, description: 'Queue of the notifications to send.' }),
  UPLOADS_BUCKET: Type.String({ minLength: 1, description: 'Bucket for the files of trips.' }),
  ...databaseSettings,
  ...redisSettings,
  ...busSettings,
  ...accessSettings,
  ...drainSettings,
  ...commonSettings,
});

export const dispatch = {
  name: 'dispatch',
  config: DispatchConfig,
  portVariable: port.variable,
  schema: 'dispatch',
} as const satisfies ServiceDescription<typeof DispatchConfig>;
