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

export const OrderConfig = Type.Object({
  PORT: portSetting(port),
  UPLOADS_BUCKET: Type.String({ minLength: 1, description: 'Bucket for photographs and receipts.' }),
  ...databaseSettings,
  ...redisSettings,
  ...busSettings,
  ...accessSettings,
  ...drainSettings,
  ...commonSettings,
});

export const order = {
  name: 'order',
  config: OrderConfig,
  portVariable: port.variable,
  schema: 'orders',
} as const satisfies ServiceDescription<typeof OrderConfig>;
