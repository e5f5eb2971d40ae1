import { hash, verify } from '@node-rs/argon2';
import { Problem } from '../lib/problem.ts';

/** Argon2id with 19 MiB, two passes, one lane (OWASP's first choice); the library computes off the event loop. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** A hash of nobody's password with today's cost: checked when there is no account, so that both take the same time. */
const nobodysHash =
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2vlQPCSMfvFPWJgmh6qcnzOsDQJqSPuExLnH0VYkyyA';

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long for an account that does not exist. */
  matches(stored: string | undefined, password: string): Promise<boolean>;
}

/** Waiting computations beyond those running; the next one is refused. */
const waitingAtMost = 64;

/**
 * Hashes and checks passwords, at most `parallel` at once: each takes 19 MiB and a core for 30 ms. Throws `OVERLOADED`
 * when too many wait, so that a flood of logins cannot take the service down.
 */
export function createPasswords(parallel: number): Passwords {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inTurn<Result>(compute: () => Promise<Result>): Promise<Result> {
    if (running < parallel) running += 1;
    else if (waiting.length >= waitingAtMost) {
      throw new Problem('OVERLOADED', 'Too many people log in at this moment.', { retryAfterSeconds: 2 });
    } else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await compute();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return {
    hash: (password) => inTurn(() => hash(password, cost)),
    async matches(stored, password) {
      const isRight = await inTurn(() => verify(stored ?? nobodysHash, password));
      return stored !== undefined && isRight;
    },
  };
}
