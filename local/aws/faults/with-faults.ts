import { AwsFault } from '../fault.ts';
import { refusal } from '../gateway/refusal.ts';
import type { AwsResponse } from '../wire/service.ts';
import { clockSkewFault } from './clock-skew.ts';
import { ConnectionReset } from './connection-reset.ts';
import type { Fault } from './fault-rule.ts';
import type { Faults } from './faults.ts';

/** A call as faults see it, whoever answers it. */
export type FaultyCall = {
  service?: string;
  operation?: string;
  /** `X-Amz-Target`, which tells the form of error answers. */
  target?: string;
  signedAt?: string;
  /** The server's own time, epoch milliseconds. */
  now: number;
};

/** How a call goes on that a fault does not end: a read may be stale, an answer may get lost. */
export type GoOn = { staleMs?: number; losesAnswer: boolean };

export type FaultEdge = { faults: Faults; sleep: (ms: number) => Promise<unknown> };

/**
 * Lets the faults that are due strike a call. `answer` does what the call asks for.
 *
 * Gives the answer, with the server's `date` when its clock is off, or the error answer of a fault. Throws
 * `ConnectionReset` when the caller is to get none.
 */
export async function answerWithFaults<Answer extends AwsResponse | undefined>(
  { faults, sleep }: FaultEdge,
  call: FaultyCall,
  answer: (how: GoOn) => Promise<Answer>,
): Promise<Answer | AwsResponse> {
  const struck = faults.next({ service: call.service, operation: call.operation });
  if (struck.length === 0) return answer({ losesAnswer: false });
  const latencyMs = sumOf(struck, 'latency');
  if (latencyMs > 0) await sleep(latencyMs);
  const offsetMs = sumOf(struck, 'clock-offset');
  const date: Record<string, string> =
    offsetMs === 0 ? {} : { date: new Date(call.now + latencyMs + offsetMs).toUTCString() };
  const skew =
    offsetMs === 0 ? undefined : clockSkewFault(call.signedAt, call.now + latencyMs + offsetMs, call.service);
  const refused = skew ?? refusalOf(struck, call.service);
  if (refused) return withHeaders(refusal(refused, call), date);
  const reset = struck.find(({ kind }) => kind === 'reset');
  if (reset?.kind === 'reset' && reset.when === 'before') throw new ConnectionReset();
  const staleMs = Math.max(0, ...struck.map((fault) => (fault.kind === 'stale' ? fault.ms : 0)));
  const given = await answer({ losesAnswer: reset !== undefined, ...(staleMs > 0 && { staleMs }) });
  if (reset) throw new ConnectionReset();
  return given === undefined ? given : withHeaders(given, date);
}

function sumOf(faults: readonly Fault[], kind: 'latency' | 'clock-offset'): number {
  return faults.reduce((sum, fault) => (fault.kind === kind ? sum + fault.ms : sum), 0);
}

function withHeaders<Answer extends AwsResponse>(answer: Answer, headers: Record<string, string>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** The answer of a throttle or an error, in the code of the service that is asked. */
function refusalOf(faults: readonly Fault[], service: string | undefined): AwsFault | undefined {
  for (const fault of faults) {
    if (fault.kind === 'throttle') return throttled(service);
    if (fault.kind !== 'error') continue;
    const { status, message = 'The service cannot answer now (a fault that was set).' } = fault;
    const usual =
      status === 500 ? (isEcs(service) ? 'ServerException' : 'InternalFailure') : 'ServiceUnavailable';
    return new AwsFault(fault.code ?? usual, message, status);
  }
  return undefined;
}

const isEcs = (service: string | undefined): boolean => service === 'ecs' || service === 'ecr';

function throttled(service: string | undefined): AwsFault {
  if (service === 's3') return new AwsFault('SlowDown', 'Please reduce your request rate.', 503);
  const isQuery = service === 'elasticloadbalancing' || service === 'sts' || service === 'iam';
  return new AwsFault(isQuery ? 'Throttling' : 'ThrottlingException', 'Rate exceeded');
}
