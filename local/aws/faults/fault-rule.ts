import { matchesPattern } from '../glob.ts';

/** What goes wrong with a call. Times in milliseconds. */
export type Fault =
  /** The call waits before it is looked at, `jitterMs` more at most. */
  | { kind: 'latency'; ms: number; jitterMs?: number }
  /** Refused for its rate; nothing is done. */
  | { kind: 'throttle' }
  /** A 5xx answer; nothing is done. */
  | { kind: 'error'; status: 500 | 502 | 503 | 504; code?: string; message?: string }
  /** The connection is reset, before or after what the call asks for is done. */
  | { kind: 'reset'; when: 'before' | 'after' }
  /** A read of ECS services and service deployments does not see writes of the last so many milliseconds. */
  | { kind: 'stale'; ms: number }
  /** The server's clock is ahead of the caller's by so much, behind it when negative. */
  | { kind: 'clock-offset'; ms: number };

export type FaultRule = {
  /** Operation name, with `*` and `?`; without one any operation, also where none is known (S3). */
  operation?: string;
  /** Signing name (`ecs`, `ecr`, `elasticloadbalancing`, `sts`, `ssm`, `s3` …); without one any. */
  service?: string;
  /** Lets so many matching calls pass first. */
  skip?: number;
  /** Strikes so many calls and is over; without it, until the rules are cleared. */
  count?: number;
  /** Of the calls it could strike it strikes so many, 0–1; without it all. */
  probability?: number;
  fault: Fault;
};

/** A rule with what it has done so far. */
export type FaultState = FaultRule & { id: string; skipped: number; struck: number };

export type FaultCall = { service?: string; operation?: string };

/** Gives the next number in [0, 1). */
export type Random = () => number;

/**
 * Decides what goes wrong with one call, and gives the rules as they are after it.
 *
 * All rules that strike do so in their order, up to the first that ends the call (throttle, error, reset);
 * those behind it are not counted. `random` is drawn from only for rules with a probability or jitter, so that
 * one seed and one order of calls always give the same faults.
 */
export function strike(
  states: readonly FaultState[],
  call: FaultCall,
  random: Random,
): { states: FaultState[]; faults: Fault[] } {
  const faults: Fault[] = [];
  const after = states.map((state) => {
    if (faults.some(endsCall) || !concerns(state, call)) return state;
    if (state.skipped < (state.skip ?? 0)) return { ...state, skipped: state.skipped + 1 };
    if (state.probability !== undefined && random() >= state.probability) return state;
    faults.push(drawn(state.fault, random));
    return { ...state, struck: state.struck + 1 };
  });
  return { states: after, faults };
}

const endsCall = ({ kind }: Fault): boolean => kind === 'throttle' || kind === 'error' || kind === 'reset';

function concerns({ operation, service, count, struck }: FaultState, call: FaultCall): boolean {
  if (count !== undefined && struck >= count) return false;
  if (service !== undefined && service !== call.service) return false;
  return (
    operation === undefined || (call.operation !== undefined && matchesPattern(operation, call.operation))
  );
}

/** A latency with its jitter drawn, any other fault as it is. */
function drawn(fault: Fault, random: Random): Fault {
  if (fault.kind !== 'latency' || fault.jitterMs === undefined) return fault;
  return { kind: 'latency', ms: fault.ms + Math.floor(random() * (fault.jitterMs + 1)) };
}
