import type { Port } from '../lib/port.ts';

/** Where notification listens. */
export const port = { variable: 'PORT', default: 3004 } as const satisfies Port;
