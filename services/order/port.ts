import type { Port } from '../lib/port.ts';

/** Where order listens. */
export const port = { variable: 'PORT', default: 3001 } as const satisfies Port;
