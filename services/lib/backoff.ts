/**
 * Gives the wait before the next try, in milliseconds: full jitter over `min(maxMs, baseMs * 2^attempt)`.
 *
 * `attempt` counts from 0; `random` is from 0 to 1. Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export function backoffMs(
  attempt: number,
  limits: { baseMs: number; maxMs: number },
  random: () => number,
): number {
  return Math.round(random() * Math.min(limits.maxMs, limits.baseMs * 2 ** Math.min(attempt, 30)));
}
