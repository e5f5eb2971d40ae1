import { request } from 'node:http';
import type { CheckOutcome } from './target-health.ts';

/** One health check to make; `address` is where the target listens on this machine, if anywhere. */
export interface ProbeRequest {
  address: { host: string; port: number } | undefined;
  /** Shown to the target in the Host header, as the load balancer would. */
  hostHeader: string;
  path: string;
  timeoutMs: number;
}

export type Probe = (check: ProbeRequest, signal: AbortSignal) => Promise<CheckOutcome>;

/**
 * Makes one health check over HTTP on a connection of its own. Never rejects; raising `signal` gives `failed`
 * at once. The status line decides: the body is not read.
 */
export const httpProbe: Probe = (check, signal) =>
  new Promise((resolve) => {
    if (!check.address || signal.aborted) return resolve({ kind: 'failed' });
    const timedOut = AbortSignal.timeout(check.timeoutMs);
    const probe = request({
      ...check.address,
      path: check.path,
      agent: false,
      headers: { host: check.hostHeader, 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' },
      signal: AbortSignal.any([signal, timedOut]),
    });
    probe.on('response', (response) => {
      resolve({ kind: 'answered', code: response.statusCode ?? 0 });
      probe.destroy();
    });
    probe.on('error', () => resolve({ kind: timedOut.aborted ? 'timed-out' : 'failed' }));
    probe.end();
  });
