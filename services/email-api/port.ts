import type { Port } from '../lib/port.ts';

/** Where email-api listens. */
export const port = { variable: 'PORT', default: 8000 } as const satisfies Port;
