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

export const DriverConfig = Type.Object({
  PORT: portSetting(port),
  LOCATION_EVENT_EVERY_MS: Type.Integer({
    default: 5_000,
    minimum: 0,
    description: 'Shortest time between two location events of one driver.',
  }),
  ...databaseSettings,
  ...redisSettings,
  ...busSettings,
  ...accessSettings,
  ...drainSettings,
  ...commonSettings,
});

export const driver = {
  name: 'driver',
  config: DriverConfig,
  portVariable: port.variable,
  schema: 'drivers',
} as const satisfies ServiceDescription<typeof DriverConfig>;
