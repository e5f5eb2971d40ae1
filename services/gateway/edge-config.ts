import { Type } from 'typebox';
import { compositionPort } from '../lib/port.ts';
import type { ServiceDescription } from '../lib/service.ts';
import { edgeSettings } from './config.ts';

export const EdgeConfig = Type.Object({
  PORT: Type.Integer({
    default: compositionPort.default,
    minimum: 0,
    maximum: 65_535,
    description: 'Port of the process.',
  }),
  ...edgeSettings,
});

/** The gateway of a process that holds the services themselves: all that it does but passing on. */
export const edge = {
  name: 'gateway',
  config: EdgeConfig,
  portVariable: compositionPort.variable,
  sockets: true,
} as const satisfies ServiceDescription<typeof EdgeConfig>;
