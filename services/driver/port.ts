import type { Port } from '../lib/port.ts';

/** Where driver listens. */
export const port = { variable: 'PORT', default: 3002 } as const satisfies Port;
