import {
  type Fault,
  type FaultCall,
  type FaultRule,
  type FaultState,
  type Random,
  strike,
} from './fault-rule.ts';

/** The faults that are set, and what they have done. */
export interface Faults {
  /** Adds rules behind those that are there; a seed begins the random numbers anew. */
  add(rules: readonly FaultRule[], seed?: number): void;
  list(): readonly FaultState[];
  clear(): void;
  /** What goes wrong with this call; counts it. */
  next(call: FaultCall): Fault[];
  /** Whether reads may be asked to be stale. */
  hasStale(): boolean;
}

/** Holds the fault rules of one local AWS, none at first. `seeded` makes a generator from a seed. */
export function createFaults(
  seeded: (seed: number) => Random,
  rules: readonly FaultRule[] = [],
  seed = 1,
): Faults {
  let states: FaultState[] = [];
  let random = seeded(seed);
  let made = 0;
  const faults: Faults = {
    add(more, newSeed) {
      if (newSeed !== undefined) random = seeded(newSeed);
      states = [
        ...states,
        ...more.map((rule) => ({ ...rule, id: `fault-${++made}`, skipped: 0, struck: 0 })),
      ];
    },
    list: () => states,
    clear() {
      states = [];
    },
    next(call) {
      if (states.length === 0) return [];
      const struck = strike(states, call, random);
      states = struck.states;
      return struck.faults;
    },
    hasStale: () => states.some(({ fault }) => fault.kind === 'stale'),
  };
  faults.add(rules);
  return faults;
}
