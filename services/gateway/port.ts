import type { Port } from '../lib/port.ts';

/** Where gateway listens. */
export const port = { variable: 'PORT', default: 8080 } as const satisfies Port;
