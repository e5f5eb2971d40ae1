import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { KeyRefusedError, type Outcome, type Provider, ProviderAwayError } from './provider.ts';

/** How patient we are with a provider. */
export interface Patience {
  /** Longest time for one message, in milliseconds. */
  readonly timeoutMs: number;
  /** Faults in a row after which it is left alone. */
  readonly faults: number;
  /** For how long it is left alone before one message tries again, in milliseconds. */
  readonly restMs: number;
}

export const usualPatience: Patience = { timeoutMs: 5_000, faults: 5, restMs: 30_000 };

/**
 * Stands a breaker and a time-out before a provider, so that one that is away costs nobody a wait. `send` may throw
 * `ProviderAwayError`, `KeyRefusedError` or what `fetch` does; each becomes the outcome `later`.
 */
export function guarded(
  provider: Provider,
  deps: { patience: Patience; onKeyRefused: () => void },
): Provider {
  const { name } = provider;
  const { timeoutMs, faults, restMs } = deps.patience;
  // A refused key is ours to mend, and it stays refused however long the provider rests.
  const breaker = circuitBreaker(
    handleWhen((error) => !(error instanceof KeyRefusedError)),
    { halfOpenAfter: restMs, breaker: new ConsecutiveBreaker(faults) },
  );
  const policy = wrap(breaker, timeout(timeoutMs, TimeoutStrategy.Aggressive));

  function toOutcome(error: unknown): Outcome {
    if (error instanceof BrokenCircuitError) {
      return { kind: 'later', reason: `${name} is away and left alone for a while.`, afterMs: restMs };
    }
    if (error instanceof KeyRefusedError) {
      deps.onKeyRefused();
      return { kind: 'later', reason: `${name} refuses our key.` };
    }
    if (error instanceof TaskCancelledError) {
      return { kind: 'later', reason: `${name} did not answer within ${timeoutMs} ms.` };
    }
    const detail = error instanceof ProviderAwayError ? error.message : `${name} cannot be reached.`;
    return { kind: 'later', reason: detail };
  }

  return {
    name,
    async send(message, signal) {
      try {
        return await policy.execute((context) => provider.send(message, context.signal), signal);
      } catch (error) {
        signal.throwIfAborted();
        return toOutcome(error);
      }
    },
  };
}
