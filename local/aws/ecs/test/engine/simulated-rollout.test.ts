import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bounds } from '../../engine/decide-rolling.ts';
import { anySimulation, type Outcome, simulate } from './simulated-rollout.ts';

describe('in ten thousand simulated rollouts', () => {
  it('bounds hold, and each ends or goes on for a reason', () => {
    const seen = new Set<Outcome>();
    fc.assert(
      fc.property(anySimulation, (simulation) => {
        const outcome = simulate(simulation);
        seen.add(outcome);
        const { lower, upper } = bounds(simulation);
        const hasRoom = upper > simulation.desiredCount || lower < simulation.desiredCount;
        const isGood = simulation.fates.every(({ end }) => end === 'healthy');
        if (isGood && hasRoom) expect(outcome).toBe('completed');
        if (!hasRoom && simulation.earlyPercent !== 0) expect(outcome).toBe('stuck');
      }),
      { numRuns: 10_000 },
    );
    expect([...seen].sort()).toEqual(['completed', 'failed', 'retries', 'stuck']);
  });
});
