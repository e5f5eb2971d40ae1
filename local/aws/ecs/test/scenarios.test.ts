import type { Service } from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Behaviour } from '../runtime/scripted-runtime.ts';
import { startRollout, TARGET_GROUP } from './rollout.ts';

const BALANCED = [{ targetGroupArn: TARGET_GROUP, containerName: 'web', containerPort: 8000 }];
const MOST_STEPS = 200;

const soon = fc.integer({ min: 0, max: 20_000 });
const anyBehaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.record({ startsAfterMs: soon, target: soon.map((afterMs) => [{ afterMs, state: 'healthy' as const }]) }),
  fc.record({ startsAfterMs: soon, exits: fc.record({ afterMs: soon, code: fc.nat(255) }) }),
  fc.record({ startsAfterMs: soon, failsToStart: fc.constant('CannotPullContainerError: not found') }),
  fc.record({ target: soon.map((afterMs) => [{ afterMs, state: 'unhealthy' as const }]) }),
);

const anyScenario = fc.record({
  seeds: fc.array(anyBehaviour, { minLength: 1, maxLength: 6 }),
  desiredCount: fc.integer({ min: 1, max: 6 }),
  minimumHealthyPercent: fc.nat(100),
  maximumPercent: fc.integer({ min: 101, max: 250 }),
  enable: fc.boolean(),
  rollback: fc.boolean(),
  isBalanced: fc.boolean(),
});

type Scenario = typeof anyScenario extends fc.Arbitrary<infer S> ? S : never;

const isOver = (service: Service) => {
  const [primary, ...older] = service.deployments ?? [];
  return primary?.rolloutState === 'FAILED' || (primary?.rolloutState === 'COMPLETED' && older.length === 0);
};

/** Carries a good first version and then one whose tasks behave by turns, with `watch` looking at each step. */
async function play(scenario: Scenario, watch: (service: Service) => void): Promise<Service> {
  let launches = 0;
  const { seeds, isBalanced, enable, rollback, ...bounds } = scenario;
  const { desiredCount, ...percents } = bounds;
  const script = (image: string): Behaviour =>
    image === 'web:1' ? {} : (seeds[launches++ % seeds.length] ?? {});
  const web = await startRollout({
    script: (launch) => script(launch.taskDefinition.containerDefinitions?.[0]?.image ?? ''),
  });
  await web.register('web:1');
  await web.create({
    desiredCount,
    deploymentConfiguration: { ...percents, deploymentCircuitBreaker: { enable, rollback } },
    ...(isBalanced ? { loadBalancers: BALANCED } : {}),
  });
  await web.until(isOver);
  await web.register('web:2');
  await web.update({ taskDefinition: 'web:2' });
  // Read past the wire: what is looked at here is the engine, and there is much to look at.
  const context = { accountId: '123456789012', region: 'us-east-1', accessKeyId: '', now: 0 };
  const read = async (): Promise<Service> => {
    const described = await web.ecs.handlers.DescribeServices?.(
      { cluster: 'shop', services: ['web'] },
      context,
    );
    return described?.services?.[0] ?? {};
  };
  let service = await read();
  for (let step = 0; step < MOST_STEPS && !isOver(service); step++) {
    watch(service);
    // From one moment at which something happens to the next: no state in between goes unseen.
    await web.clock.sleep((web.ecs.nextDueAt() ?? web.clock.now()) - web.clock.now());
    service = await read();
  }
  return service;
}

const check = (holds: (scenario: Scenario) => Promise<void>) =>
  fc.assert(fc.asyncProperty(anyScenario, holds), { numRuns: 40 });

describe('in any scenario', () => {
  it('running and pending tasks stay within the upper bound, and the counts agree', async () => {
    await check(async (scenario) => {
      const upper = Math.floor((scenario.desiredCount * scenario.maximumPercent) / 100);
      await play(scenario, (service) => {
        const { runningCount = 0, pendingCount = 0, deployments = [] } = service;
        expect(runningCount + pendingCount).toBeLessThanOrEqual(upper);
        expect(deployments.filter(({ status }) => status === 'PRIMARY')).toHaveLength(1);
        const sum = deployments.reduce((total, { runningCount: running = 0 }) => total + running, 0);
        expect(sum).toBe(runningCount);
      });
    });
  });

  it('old tasks that serve are not taken below the lower bound', async () => {
    await check(async (scenario) => {
      const lower = Math.ceil((scenario.desiredCount * scenario.minimumHealthyPercent) / 100);
      // A task that dies after it was healthy is nobody's decision: here tasks serve for good or never.
      const seeds = scenario.seeds.map(({ exits, ...behaviour }) =>
        exits === undefined
          ? behaviour
          : { ...behaviour, exits: { ...exits, afterMs: exits.afterMs % 1000 } },
      );
      const watch = ({ runningCount = 0 }: Service) => expect(runningCount).toBeGreaterThanOrEqual(lower);
      await play({ ...scenario, seeds }, watch);
    });
  });

  it('a deployment under a circuit breaker whose tasks cannot start ends', async () => {
    const cannotStart: Behaviour = { failsToStart: 'CannotPullContainerError: not found' };
    await check(async (scenario) => {
      const upper = Math.floor((scenario.desiredCount * scenario.maximumPercent) / 100);
      const lower = Math.ceil((scenario.desiredCount * scenario.minimumHealthyPercent) / 100);
      const service = await play({ ...scenario, enable: true, seeds: [cannotStart] }, () => {});
      const mayMove = upper > scenario.desiredCount || lower < scenario.desiredCount;
      expect(isOver(service)).toBe(mayMove);
    });
  });
});
