import type { Port } from '../lib/port.ts';

/** Where identity listens. */
export const port = { variable: 'PORT', default: 3000 } as const satisfies Port;
