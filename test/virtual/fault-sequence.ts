import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { deployService } from '../../actions/deploy-service/src/run.ts';
import { scriptByImage } from '../../local/aws/ecs/runtime/scripted-runtime.ts';
import { createSeededRandom } from '../../local/aws/ecs/virtual-ecs.ts';
import type { FaultRule } from '../../local/aws/faults/fault-rule.ts';
import { anyBreaker, anyFault } from './any-fault.ts';
import { type DeployStage, openDeployStage } from './deploy-stage.ts';
import { type Behaviours, handOver, type StepResult } from './stage.ts';

/** A whole job (deploy, wait, roll back, end of the job) with what goes wrong in calls, tasks and by others. */
export interface FaultSequence {
  behaviour: Behaviours[string];
  breaker: { enable: boolean; rollback: boolean };
  meanwhile: 'nothing' | 'newer' | 'scaled-up';
  hold: 'off' | 'scale-in' | 'dynamic' | 'all';
  /** A rollback that is asked for though the wait was green. */
  isUnwanted: boolean;
  faults: FaultRule[];
  seed: number;
}

const anyRule: fc.Arbitrary<FaultRule> = fc.record(
  {
    operation: fc.constantFrom(
      'UpdateService',
      'RegisterTaskDefinition',
      'StopServiceDeployment',
      '*ScalableTarget*',
      '*Tag*',
      'Describe*',
      'List*',
      '*',
    ),
    skip: fc.nat(20),
    count: fc.integer({ min: 1, max: 30 }),
    probability: fc.constantFrom(0.2, 0.5, 1),
    fault: anyFault,
  },
  { requiredKeys: ['fault', 'count'] },
);

export const anyFaultSequence: fc.Arbitrary<FaultSequence> = fc.record({
  behaviour: fc.constantFrom<Behaviours[string]>(
    {},
    { startsAfterMs: 40_000 },
    { exits: { afterMs: 100, code: 3 } },
    { failsToStart: 'CannotPullContainerError: manifest unknown' },
  ),
  breaker: anyBreaker,
  meanwhile: fc.constantFrom('nothing', 'nothing', 'newer', 'scaled-up'),
  hold: fc.constantFrom('off', 'scale-in', 'dynamic', 'all'),
  isUnwanted: fc.boolean(),
  faults: fc.array(anyRule, { minLength: 1, maxLength: 4 }),
  seed: fc.nat(1_000_000),
});

/** How the steps of a sequence ended: verdicts of wait and rollback, and what was left. */
export interface SequenceEnd {
  waited: string;
  rolledBack: string;
  isHoldLeft: boolean;
}

/**
 * Plays a job under faults. Throws where a green verdict stands on a service that does not run what the verdict
 * says, where one step makes two deployments, and where autoscaling is left suspended without the job being red
 * with the command that ends it, or is still suspended after the next run.
 */
export async function playFaultSequence(sequence: FaultSequence): Promise<SequenceEnd> {
  const job = await openJob(sequence);
  const { stage } = job;
  stage.faults.add(sequence.faults, sequence.seed);
  const deployed = await once(stage, () =>
    stage.deploy('web', '2', { 'hold-autoscaling': sequence.hold }).catch(() => undefined),
  );
  if (deployed) await meddle(stage, sequence.meanwhile);
  const waited = deployed && (await once(stage, () => tryStep(() => job.wait(deployed))));
  if (isGreen(waited)) await assertServes(stage, 'web:2', sequence);
  const goesBack = deployed && (sequence.isUnwanted || !isGreen(waited));
  const back = goesBack && (await once(stage, () => tryStep(() => job.rollback(deployed))));
  if (back && isGreen(back) && back.outputs.verdict !== 'unchanged')
    await assertServes(stage, 'web:1', sequence);
  const isHoldLeft = await endAndResume(job);
  return { waited: wordOf(waited), rolledBack: wordOf(back || undefined), isHoldLeft };
}

const isGreen = (step: StepResult | undefined): boolean => step?.verdicts[0]?.green === true;
const wordOf = (step: StepResult | undefined): string => step?.verdicts[0]?.verdict ?? 'none';

/** A step that AWS refused to its end is a red step. */
async function tryStep(step: () => Promise<StepResult>): Promise<StepResult | undefined> {
  return step().catch(() => undefined);
}

async function openJob({ behaviour, breaker, seed }: FaultSequence) {
  const stage = await openDeployStage(scriptByImage({ 'web:2': behaviour }));
  Object.assign(stage.deps, { random: createSeededRandom(seed) });
  await stage.open('web', '1', { deploymentConfiguration: { deploymentCircuitBreaker: breaker } });
  await stage.scale('web', { ScheduledScalingSuspended: true });
  const kept = new Map<string, string>();
  Object.assign(stage.deps, { saveState: (name: string, value: string) => void kept.set(name, value) });
  return {
    stage,
    wait: (deployed: StepResult) => stage.wait({ ...handOver(deployed), 'timeout-minutes': '5' }),
    rollback: (deployed: StepResult) => stage.rollback({ ...handOver(deployed), 'timeout-minutes': '5' }),
    end: async (): Promise<string[]> => {
      const failures = await deployService.after?.((name) => kept.get(name) ?? '', stage.deps);
      kept.clear();
      return failures ?? [];
    },
  };
}

/** What looks at the stage is not struck by its faults. */
async function unstruck<T>(stage: DeployStage, look: () => Promise<T>): Promise<T> {
  const faults = stage.faults.list();
  stage.faults.clear();
  const seen = await look();
  stage.faults.add(
    faults.map(({ id, skipped, struck, ...rule }) => ({
      ...rule,
      skip: (rule.skip ?? 0) - skipped,
      count: (rule.count ?? 1) - struck,
    })),
  );
  return seen;
}

async function once<T>(stage: DeployStage, step: () => Promise<T>): Promise<T> {
  const count = async () => (await unstruck(stage, () => stage.history('web'))).length;
  const before = await count();
  const result = await step();
  const made = (await count()) - before;
  if (made > 1) throw new Error(`${made} deployments were made by one step`);
  return result;
}

async function meddle(stage: DeployStage, meanwhile: FaultSequence['meanwhile']): Promise<void> {
  if (meanwhile === 'nothing') return;
  const change =
    meanwhile === 'newer' ? { taskDefinition: 'web:1', forceNewDeployment: true } : { desiredCount: 3 };
  const command = new UpdateServiceCommand({ cluster: 'shop', service: 'web', ...change });
  await unstruck(stage, () => stage.client.send(command));
}

/** What a green verdict says must be so, and stay so: two minutes later it still is. */
async function assertServes(stage: DeployStage, revision: string, { meanwhile }: FaultSequence) {
  await unstruck(stage, async () => {
    for (let i = 0; i < 3; i++) {
      const [service] = await stage.describe('web');
      const now = service?.taskDefinition?.split('/').at(-1);
      const isWhole = service?.runningCount === service?.desiredCount && service?.deployments?.length === 1;
      if (now !== revision || !isWhole)
        throw new Error(
          `green for ${revision}, but ${now} runs ${service?.runningCount} of ${service?.desiredCount} tasks in ${service?.deployments?.length} deployments (${meanwhile})`,
        );
      await stage.clock.sleep(60_000);
    }
  });
}

const BEFORE = { suspended: ['ScheduledScalingSuspended'], tags: {} };

/** Ends the job under the faults; tells whether it left a hold, which the next run, without faults, must end. */
async function endAndResume({ stage, end }: Awaited<ReturnType<typeof openJob>>): Promise<boolean> {
  const failures = await end().catch((error: unknown) => [String(error)]);
  stage.faults.clear();
  const isLeft = (await stage.scaling('web')).suspended.length !== BEFORE.suspended.length;
  if (isLeft && failures.length === 0) throw new Error('autoscaling is left suspended, and nobody is told');
  await stage.deploy('web', '1', { 'hold-autoscaling': 'all', 'on-running': 'stop' });
  await end();
  const left = await stage.scaling('web');
  if (JSON.stringify(left) === JSON.stringify(BEFORE)) return isLeft;
  throw new Error(`the next run leaves ${JSON.stringify(left)}`);
}
