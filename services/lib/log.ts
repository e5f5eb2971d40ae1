import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { currentSpan } from './trace.ts';

/**
 * Makes the log: one JSON object a line on standard output, which is what awslogs picks up. `trace` is the trace of the
 * request or event that a line is about.
 */
export function createLog(
  identity: { service: string; version: string },
  level: string,
  destination: DestinationStream = openOutput(),
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
  return pino(options, destination);
}

/** Lines that are gathered before they are written in any case, in characters. */
const mostGathered = 8 * 1024;

/**
 * Opens standard output, written to once for all the lines of a turn of the event loop: under load the calls into the
 * kernel cost more than the rest of the log. What a fatal line and the end of the process find is written at once.
 */
function openOutput(): DestinationStream & { flushSync(): void } {
  const output = pino.destination({ dest: 1, sync: true });
  let lines = '';
  const flushSync = () => {
    const written = lines;
    lines = '';
    if (written !== '') output.write(written);
  };
  process.on('exit', flushSync);
  return {
    write(line) {
      if (lines === '') setImmediate(flushSync);
      lines += line;
      if (lines.length > mostGathered) flushSync();
    },
    flushSync,
  };
}
