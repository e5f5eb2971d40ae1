import type { Port } from '../lib/port.ts';

/** Where customer listens. */
export const port = { variable: 'PORT', default: 3006 } as const satisfies Port;
