import type { Port } from '../lib/port.ts';

/** Where dispatch listens. */
export const port = { variable: 'PORT', default: 3003 } as const satisfies Port;
