import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

/** Makes the log: one JSON object a line on standard output, which is what awslogs picks up. */
export function createLog(
  identity: { service: string; version: string },
  level: string,
  destination?: DestinationStream,
): Logger {
  const options = {
    level,
    base: identity,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['*.authorization', '*.token', 'authorization', 'token'],
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
