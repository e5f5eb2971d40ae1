import type { Clock, Random } from '../../core/src/clock.ts';
import type { Check, Reply } from './check.ts';
import { judge, type Outcome } from './judge.ts';

/** `pass`: right often enough; `fail`: it answered wrongly, or took the request and said nothing; `error`: nobody to ask. */
export type SmokeVerdict = 'pass' | 'fail' | 'error';

/** How one check ended. `problems` are sentences, empty on pass; `seconds` counts from its first request. */
export interface CheckResult {
  readonly check: Check;
  readonly verdict: SmokeVerdict;
  readonly attempts: number;
  readonly seconds: number;
  readonly problems: readonly string[];
}

/** What a check is run with. `deadlineAt` is epoch milliseconds; `onOutcome` hears each outcome. */
export interface CheckDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly deadlineAt: number;
  readonly ask: (check: Check, signal: AbortSignal) => Promise<Reply>;
  readonly onOutcome: (check: Check, outcome: Outcome) => void;
}

/** Outcomes of the same kind in a row, up to and including the last. */
export interface Streak {
  readonly kind: Outcome['kind'];
  readonly length: number;
}

/**
 * Asks until the check is decided: enough right answers in a row, enough wrong ones in a row, or the deadline.
 * Transient outcomes are asked again until the deadline. Overshoots it by at most one request's time-out.
 */
export async function runCheck(check: Check, deps: CheckDeps): Promise<CheckResult> {
  const { clock, random, signal, deadlineAt } = deps;
  const startedAt = clock.now();
  let streak: Streak | undefined;
  for (let attempts = 1; ; attempts++) {
    const outcome = judge(await deps.ask(check, signal), check.expect);
    deps.onOutcome(check, outcome);
    streak = { kind: outcome.kind, length: streak?.kind === outcome.kind ? streak.length + 1 : 1 };
    const pauseMs = pauseAfter(streak, random());
    const isLast = signal.aborted || clock.now() + pauseMs >= deadlineAt;
    const verdict = decideCheck(check.consecutive, outcome, streak, isLast);
    if (verdict !== undefined) {
      const seconds = (clock.now() - startedAt) / 1000;
      const problems = verdict === 'pass' ? [] : problemsOf(outcome, streak, check, signal.aborted);
      return { check, verdict, attempts, seconds, problems };
    }
    await clock.sleep(pauseMs, signal);
  }
}

/** Decides a check after an outcome; `undefined`: ask again. `isLast`: no time is left for another request. */
export function decideCheck(
  consecutive: number,
  outcome: Outcome,
  streak: Streak,
  isLast: boolean,
): SmokeVerdict | undefined {
  if (outcome.kind === 'right' && streak.length >= consecutive) return 'pass';
  if (outcome.kind === 'wrong' && streak.length >= consecutive) return 'fail';
  if (!isLast) return undefined;
  return outcome.kind === 'transient' && !outcome.reached ? 'error' : 'fail';
}

/** Short between answers; from a quarter of a second to four seconds, with a jitter of half, while there are none. */
export function pauseAfter({ kind, length }: Streak, random: number): number {
  const baseMs = kind === 'right' ? 100 : Math.min(4000, 250 * 1.6 ** (length - 1));
  return Math.round(baseMs * (0.75 + random / 2));
}

function problemsOf(outcome: Outcome, streak: Streak, check: Check, isAborted: boolean): readonly string[] {
  const interrupted = isAborted ? ['the run was interrupted'] : [];
  if (outcome.kind !== 'right') return [...interrupted, ...outcome.problems];
  const count = `only ${streak.length} of ${check.consecutive} right answers in a row by the deadline`;
  return [...interrupted, count];
}
