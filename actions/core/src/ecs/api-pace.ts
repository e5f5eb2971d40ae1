import type { Clock, Random } from '../clock.ts';
import { isAwsFailure } from '../errors.ts';

/** Calls that share one allowance: how many may come at once, and how many a second are added again. */
interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
  readonly operations: readonly string[];
}

/**
 * What a run of many services can run into. Other operations are called too seldom to meet their limits.
 * Source: ECS developer guide, "Request throttling for the Amazon ECS API" (read 2026-11).
 */
const ALLOWANCES: readonly Allowance[] = [
  { burst: 100, perSecond: 20, operations: ['DescribeServices', 'ListServices'] },
  { burst: 50, perSecond: 5, operations: ['UpdateService'] },
  { burst: 50, perSecond: 20, operations: ['DescribeServiceDeployments', 'ListServiceDeployments'] },
  { burst: 50, perSecond: 20, operations: ['DescribeServiceRevisions'] },
  { burst: 20, perSecond: 1, operations: ['RegisterTaskDefinition'] },
  { burst: 50, perSecond: 20, operations: ['DescribeTaskDefinition', 'ListTaskDefinitions'] },
  { burst: 100, perSecond: 20, operations: ['DescribeTasks', 'ListTasks'] },
  { burst: 100, perSecond: 40, operations: ['RunTask', 'StopTask'] },
  { burst: 20, perSecond: 10, operations: ['TagResource'] },
];

/** After throttling: the longest time in which nothing of an allowance is spent. */
const LONGEST_WAIT_MS = 10_000;

/** Waits until a call may be made; `throttled` says that AWS refused one all the same, `passed` that it did not. */
export interface ApiPace {
  turn(operation: string): Promise<void>;
  throttled(operation: string): void;
  passed(operation: string): void;
}

/**
 * Spends each allowance in order of asking, so that a run of sixty services takes as long as the limits make it
 * take and no longer. It begins full; where somebody else has spent it, AWS says so, and it is empty from then on.
 */
export function openApiPace({ clock, random }: { clock: Clock; random: Random }): ApiPace {
  const lines = new Map(
    ALLOWANCES.flatMap((allowance) => {
      const line = openLine(allowance, clock, random);
      return allowance.operations.map((operation) => [operation, line] as const);
    }),
  );
  return {
    turn: async (operation) => lines.get(operation)?.turn(),
    throttled: (operation) => lines.get(operation)?.throttled(),
    passed: (operation) => lines.get(operation)?.passed(),
  };
}

/** The queue before one allowance. */
function openLine({ burst, perSecond }: Allowance, clock: Clock, random: Random) {
  let tokens = burst;
  let countedAt = clock.now();
  let refusals = 0;
  let last: Promise<void> = Promise.resolve();
  const count = (): void => {
    const now = clock.now();
    tokens = Math.min(burst, tokens + ((now - countedAt) * perSecond) / 1_000);
    countedAt = now;
  };
  const take = async (): Promise<void> => {
    count();
    if (tokens < 1) await clock.sleep(Math.ceil(((1 - tokens) * 1_000) / perSecond));
    count();
    tokens -= 1;
  };
  return {
    turn(): Promise<void> {
      last = last.then(take);
      return last;
    },
    throttled(): void {
      count();
      refusals += 1;
      const wait = Math.min(LONGEST_WAIT_MS, (1_000 * 2 ** Math.min(refusals, 6)) / perSecond);
      tokens = Math.min(tokens, 1 - (wait * (0.5 + random()) * perSecond) / 1_000);
    },
    passed(): void {
      refusals = 0;
    },
  };
}

type Next = (args: unknown) => Promise<unknown>;

/** `never`, because the SDK types the stack by the inputs of its commands; the middleware reads none. */
interface PacedStack {
  middlewareStack: {
    addRelativeTo(
      middleware: never,
      options: { relation: 'after'; toMiddleware: 'retryMiddleware'; name: string },
    ): void;
  };
}

/** Makes every call of a client wait its turn, each try of it anew. Whether a call is tried again is not decided here. */
export function paceCalls<C extends PacedStack>(client: C, pace: ApiPace): C {
  const middleware =
    (next: Next, { commandName = '' }: { commandName?: string }): Next =>
    async (args) => {
      const operation = commandName.replace(/Command$/, '');
      await pace.turn(operation);
      try {
        const answer = await next(args);
        pace.passed(operation);
        return answer;
      } catch (error) {
        if (isAwsFailure(error, 'ThrottlingException')) pace.throttled(operation);
        throw error;
      }
    };
  client.middlewareStack.addRelativeTo(middleware as never, {
    relation: 'after',
    toMiddleware: 'retryMiddleware',
    name: 'berthPace',
  });
  return client;
}
