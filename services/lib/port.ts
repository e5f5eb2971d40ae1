import type { Environment } from './config.ts';
import { ConfigError } from './config-error.ts';

/** Where a process listens: the variable that holds its port, and the port unless that is set. */
export interface Port {
  readonly variable: string;
  readonly default: number;
}

/** Where several services listen as one process; they find each other there. */
export const compositionPort = { variable: 'PORT', default: 3000 } as const satisfies Port;

/**
 * Reads the port that somebody else's process listens on, as `readConfig` has that process read it, but without a
 * schema: whoever asks for its health every few seconds loads nothing for it.
 *
 * Throws `ConfigError` for what is no port, and for 0: which one was free, only that process knows.
 */
export function readPort(port: Port, environment: Environment): number {
  const text = environment[port.variable] || String(port.default);
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
  throw new ConfigError([
    `${port.variable} must be a whole number of at least 1 up to 65535 (the port to ask for health).`,
  ]);
}
