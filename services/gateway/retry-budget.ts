/** How many requests may be sent a second time. */
export interface RetryBudget {
  /** Counts a request of a client. */
  deposit(): void;
  /** Takes one retry from the budget; `false` when it is used up. */
  tryTake(): boolean;
}

/**
 * A tenth of the requests may be retried, and ten in a row after a quiet time. More would turn the trouble of a
 * service into a multiple of its load.
 */
export function createRetryBudget(share = 0.1, most = 10): RetryBudget {
  let left = most;
  return {
    deposit() {
      left = Math.min(most, left + share);
    },
    tryTake() {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
