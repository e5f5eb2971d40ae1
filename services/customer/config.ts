import { Type } from 'typebox';
import { accessSettings, busSettings, databaseSettings, drainSettings } from '../lib/backing.ts';
import { commonSettings, portSetting } from '../lib/config.ts';
import type { ServiceDescription } from '../lib/service.ts';
import { port } from './port.ts';

export const CustomerConfig = Type.Object({
  PORT: portSetting(port),
  TOKEN_RETENTION_DAYS: Type.Integer({
    default: 270,
    minimum: 1,
    description: 'Days after which a push or SMS token that no device has shown again is forgotten.',
  }),
  ERASURE_RECORD_DAYS: Type.Integer({
    default: 1_095,
    minimum: 1,
    description: 'Days for which it is kept on record that somebody was erased.',
  }),
  ...databaseSettings,
  ...busSettings,
  ...accessSettings,
  ...drainSettings,
  ...commonSettings,
});

export const customer = {
  name: 'customer',
  config: CustomerConfig,
  portVariable: port.variable,
  schema: 'customers',
} as const satisfies ServiceDescription<typeof CustomerConfig>;
