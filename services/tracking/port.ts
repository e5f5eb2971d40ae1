import type { Port } from '../lib/port.ts';

/** Where tracking listens. */
export const port = { variable: 'PORT', default: 3005 } as const satisfies Port;
