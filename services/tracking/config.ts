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

export const TrackingConfig = Type.Object({
  PORT: portSetting(port),
  MQTT_PORT: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 65_535,
    description: 'Port on which drivers may report positions over MQTT 3.1.1; 0 for none.',
  }),
  PINGS_PER_MINUTE: Type.Integer({
    default: 300,
    minimum: 100,
    description: 'Most positions of one driver in a minute, however they come.',
  }),
  LOCATION_EVENT_EVERY_MS: Type.Integer({
    default: 5_000,
    minimum: 0,
    description: 'Shortest time between two location events of one driver.',
  }),
  HEARTBEAT_MS: Type.Integer({
    default: 15_000,
    minimum: 100,
    description:
      'How often a quiet socket or stream hears from us; a socket that does not answer is dropped.',
  }),
  SOCKET_IDLE_MS: Type.Integer({
    default: 300_000,
    minimum: 100,
    description: 'A socket without a position for so long is ended.',
  }),
  TIMELINE_MONTHS: Type.Integer({
    default: 13,
    minimum: 2,
    description: 'Months for which timelines are kept, the current one included.',
  }),
  ...databaseSettings,
  ...redisSettings,
  ...busSettings,
  ...accessSettings,
  ...drainSettings,
  ...commonSettings,
});

export const tracking = {
  name: 'tracking',
  config: TrackingConfig,
  portVariable: port.variable,
  schema: 'tracking',
  sockets: true,
} as const satisfies ServiceDescription<typeof TrackingConfig>;
