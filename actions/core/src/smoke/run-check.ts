import type { Clock, Random } from '../clock.ts';
import type { Check, Reply } from './check.ts';
import { judge, type Outcome } from './judge.ts';

/**
 * `pass`: right often enough; `fail`: it answered wrongly, or took the request and said nothing; `error`: nobody to ask,
 * or no time to find it out. Only a `fail` says that a revision is bad.
 */
export type SmokeVerdict = 'pass' | 'fail' | 'error';

/** How one check ended. `problems` are sentences, empty on pass; `seconds` counts from its first request. */
export interface CheckResult {
  readonly check: Check;
  readonly verdict: SmokeVerdict;
  readonly attempts: number;
  readonly seconds: number;
  readonly problems: readonly string[];
  /** The run was cancelled before the check was decided. */
  readonly isInterrupted: boolean;
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
    const end = signal.aborted ? 'interrupted' : clock.now() + pauseMs >= deadlineAt ? 'deadline' : undefined;
    const verdict = decideCheck(check.consecutive, outcome, streak, end);
    if (verdict !== undefined) {
      const seconds = (clock.now() - startedAt) / 1000;
      const isInterrupted = verdict === 'error' && end === 'interrupted';
      const problems = verdict === 'pass' ? [] : problemsOf(outcome, streak, check, isInterrupted);
      return { check, verdict, attempts, seconds, problems, isInterrupted };
    }
    await clock.sleep(pauseMs, signal);
  }
}

/** Decides a check after an outcome; `undefined`: ask again. `end` is why there is no other request. */
function decideCheck(
  consecutive: number,
  outcome: Outcome,
  streak: Streak,
  end: 'deadline' | 'interrupted' | undefined,
): SmokeVerdict | undefined {
  if (outcome.kind === 'right' && streak.length >= consecutive) return 'pass';
  if (outcome.kind === 'wrong' && streak.length >= consecutive) return 'fail';
  if (end === undefined) return undefined;
  if (end === 'interrupted') return 'error';
  return outcome.kind === 'transient' && !outcome.reached ? 'error' : 'fail';
}

/** Short between answers; from a quarter of a second to four seconds, with a jitter of half, while there are none. */
export function pauseAfter({ kind, length }: Streak, random: number): number {
  const baseMs = kind === 'right' ? 100 : Math.min(4000, 250 * 1.6 ** (length - 1));
  return Math.round(baseMs * (0.75 + random / 2));
}

function problemsOf(
  outcome: Outcome,
  streak: Streak,
  check: Check,
  isInterrupted: boolean,
): readonly string[] {
  const problems = outcome.kind === 'right' ? [] : outcome.problems;
  if (isInterrupted) return ['the run was interrupted', ...problems];
  if (problems.length > 0) return problems;
  return [`only ${streak.length} of ${check.consecutive} right answers in a row by the deadline`];
}
