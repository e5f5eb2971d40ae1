import type { Port } from '../lib/port.ts';

/** Where email-consumer answers for its health and metrics, and nothing else. */
export const port = { variable: 'METRICS_PORT', default: 9090 } as const satisfies Port;
