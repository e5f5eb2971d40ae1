import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';
import { MachineError } from './machine-error.ts';

/**
 * Opens a client to the engine at `host`: `unix:///path/docker.sock`, `tcp://address:port` or
 * `http://address:port`. Nothing is asked yet; whether an engine answers shows at the first call.
 */
export function connectDocker(host: string): Docker {
  if (host.startsWith('unix://')) return new Docker({ socketPath: host.slice('unix://'.length) });
  const url = URL.canParse(host) ? new URL(host) : undefined;
  if (url?.protocol === 'tcp:' || url?.protocol === 'http:')
    return new Docker({ protocol: 'http', host: url.hostname, port: url.port || '2375' });
  throw new MachineError(
    'MACHINE_DOCKER_UNREACHABLE',
    `The Docker address ${host} is of a kind not known here: write unix:///path/docker.sock or tcp://address:port.`,
  );
}

/** Says whether an engine answers at `host` within `waitMs`: on a busy machine one takes its time. Never throws. */
export async function answers(host: string, waitMs = 10_000): Promise<boolean> {
  const timer = new AbortController();
  try {
    const late = delay(waitMs, false, { signal: timer.signal });
    return await Promise.race([
      late,
      connectDocker(host)
        .ping()
        .then(() => true),
    ]);
  } catch {
    return false;
  } finally {
    timer.abort();
  }
}
