import fc from 'fast-check';
import type { Fault } from '../../local/aws/faults/fault-rule.ts';

/** Whatever can go wrong with a call to ECS. */
export const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constant({ kind: 'throttle' } as const),
  fc.constantFrom(500, 503).map((status) => ({ kind: 'error', status }) as const),
  fc.constantFrom('before', 'after').map((when) => ({ kind: 'reset', when }) as const),
  fc.integer({ min: 100, max: 8_000 }).map((ms) => ({ kind: 'stale', ms }) as const),
  fc.integer({ min: 10, max: 3_000 }).map((ms) => ({ kind: 'latency', ms }) as const),
);

/** The circuit breaker of a service: with and without its rollback, and off. */
export const anyBreaker = fc.constantFrom(
  { enable: true, rollback: true },
  { enable: true, rollback: false },
  { enable: false, rollback: false },
);
