import { DescribeServicesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { createSeededRandom } from '../../local/aws/ecs/virtual-ecs.ts';
import type { FaultRule } from '../../local/aws/faults/fault-rule.ts';
import { anyBreaker, anyFault } from './any-fault.ts';
import { type Behaviours, closeStages, handOver, openStage, type Stage } from './stage.ts';

/** A deployment and its wait, with what goes wrong in ECS's API, in the tasks, and by others meanwhile. */
export interface FaultyRun {
  behaviour: Behaviours[string];
  breaker: { enable: boolean; rollback: boolean };
  meanwhile: 'nothing' | 'newer' | 'scaled-to-zero' | 'scaled-up';
  faults: FaultRule[];
  seed: number;
}

const anyRule: fc.Arbitrary<FaultRule> = fc.record(
  {
    operation: fc.constantFrom(
      'UpdateService',
      'RegisterTaskDefinition',
      'StopServiceDeployment',
      'Describe*',
      'List*',
      '*',
    ),
    skip: fc.nat(5),
    count: fc.integer({ min: 1, max: 40 }),
    probability: fc.constantFrom(0.2, 0.5, 1),
    fault: anyFault,
  },
  { requiredKeys: ['fault'] },
);

export const anyFaultyRun: fc.Arbitrary<FaultyRun> = fc.record({
  behaviour: fc.constantFrom<Behaviours[string]>(
    {},
    { startsAfterMs: 40_000 },
    { exits: { afterMs: 100, code: 3 } },
    // It never gets healthy: what dies after its deployment has ended is no matter of the verdict.
    { exits: { afterMs: 5_000, code: 137 } },
    { failsToStart: 'CannotPullContainerError: manifest unknown' },
  ),
  breaker: anyBreaker,
  meanwhile: fc.constantFrom('nothing', 'nothing', 'newer', 'scaled-to-zero', 'scaled-up'),
  faults: fc.array(anyRule, { minLength: 1, maxLength: 4 }),
  seed: fc.nat(1_000_000),
});

/**
 * Deploys and waits as a job does, then lets ECS settle and compares. Throws where a green verdict stands on a
 * service that does not run what was deployed, or where one run made two deployments.
 */
export async function playFaultyRun(run: FaultyRun): Promise<void> {
  const stage = await openStage({ 'web:2': run.behaviour });
  try {
    Object.assign(stage.deps, { random: createSeededRandom(run.seed) });
    await stage.open('web', '1', { deploymentConfiguration: { deploymentCircuitBreaker: run.breaker } });
    const before = (await stage.history('web')).length;
    stage.faults.add(run.faults, run.seed);
    const deployed = await stage.deploy('web', '2').catch(() => undefined);
    if (deployed) await meddle(stage, run.meanwhile);
    const waited = deployed && (await stage.wait({ ...handOver(deployed), 'timeout-minutes': '20' }));
    stage.faults.clear();
    await settle(stage);
    const made =
      (await stage.history('web')).length - before - byOthers(run.meanwhile, deployed !== undefined);
    if (made > 1) throw new Error(`${made} deployments were made by one run`);
    if (waited?.verdicts[0]?.green) await assertServes(stage, run);
  } finally {
    closeStages();
  }
}

/** Others are not struck by the faults. */
async function meddle(stage: Stage, meanwhile: FaultyRun['meanwhile']): Promise<void> {
  const faults = stage.faults.list();
  const change = {
    nothing: undefined,
    newer: { taskDefinition: 'web:1', forceNewDeployment: true },
    'scaled-to-zero': { desiredCount: 0 },
    'scaled-up': { desiredCount: 3 },
  }[meanwhile];
  if (!change) return;
  stage.faults.clear();
  await stage.client.send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', ...change }));
  stage.faults.add(faults);
}

function byOthers(meanwhile: FaultyRun['meanwhile'], hasMeddled: boolean): number {
  return meanwhile === 'newer' && hasMeddled ? 1 : 0;
}

async function settle(stage: Stage): Promise<void> {
  for (let i = 0; i < 30; i++) {
    await stage.clock.sleep(20_000);
    await stage.describe('web');
  }
}

async function assertServes(stage: Stage, { meanwhile }: FaultyRun): Promise<void> {
  const { services } = await stage.client.send(
    new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }),
  );
  const [service] = services ?? [];
  const revision = service?.taskDefinition?.split('/').at(-1);
  const [newest] = await stage.history('web');
  const runs = service?.runningCount === service?.desiredCount && service?.deployments?.length === 1;
  if (revision === 'web:2' && newest === 'SUCCESSFUL' && runs && meanwhile !== 'scaled-to-zero') return;
  throw new Error(`green, but ${revision} is ${newest} with ${service?.runningCount} tasks (${meanwhile})`);
}
