import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { currentSpan } from './trace.ts';

/**
 * Makes the log: one JSON object a line on standard output, which is what awslogs picks up. `trace` is the trace of the
 * request or event that a line is about.
 */
export function createLog(
  identity: { service: string; version: string },
  level: string,
  destination?: DestinationStream,
): Logger {
  const options = {
    level,
    base: identity,
    timestamp: stdTimeFunctions.isoTime,
    mixin: () => {
      const span = currentSpan();
      return span ? { trace: span.traceId } : {};
    },
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['*.authorization', '*.token', 'authorization', 'token'],
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
