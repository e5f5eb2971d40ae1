import { RegisterTaskDefinitionCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  closeStages,
  handOver,
  openStage,
  type Stage,
  type StepResult,
  taskDefinition,
} from '../test/virtual/stage.ts';
import { measure, renderColumns, type Series } from './measure.ts';

/** The bar: the median wall time of a whole rollout in virtual time, after a warm-up. */
export const BAR_MS = 200;
const RUNS = 30;
const WARM_UPS = 10;

interface Scenario {
  title: string;
  verdict: string;
  /** How the image to be deployed behaves; without it all goes well. */
  crash: boolean;
  /** What happens between the deployment and the wait. */
  meanwhile?: (stage: Stage) => Promise<void>;
}

const SCENARIOS: readonly Scenario[] = [
  { title: 'two-task rollout', verdict: 'succeeded', crash: false },
  { title: 'breaker trip with rollback', verdict: 'rolled-back', crash: true },
  { title: 'superseded deployment', verdict: 'superseded', crash: false, meanwhile: deployAnother },
];

/** One scenario's figures. `virtualSeconds` and `calls` are the same in each run. */
export interface RolloutResult {
  title: string;
  verdict: string;
  series: Series;
  virtualSeconds: number;
  calls: number;
}

/**
 * Measures `deploy-service` and `wait-for-stable` together, by the wall clock, against the local ECS in virtual
 * time: the SDK clients, their serialisation and the actions' code are the real ones; nothing sleeps. Opening
 * the service before is not counted. Throws when a verdict is not the expected one.
 */
export async function benchVirtualRollouts(): Promise<RolloutResult[]> {
  const results: RolloutResult[] = [];
  for (const scenario of SCENARIOS) {
    let last: { calls: number; virtualMs: number } = { calls: 0, virtualMs: 0 };
    const work = async () => {
      const { wallMs, ...rest } = await runScenario(scenario);
      last = rest;
      return wallMs;
    };
    const series = await measure(work, RUNS, WARM_UPS);
    const { title, verdict } = scenario;
    results.push({ title, verdict, series, virtualSeconds: last.virtualMs / 1_000, calls: last.calls });
  }
  return results;
}

/** The figures as a table. */
export function renderRollouts(results: readonly RolloutResult[]): string {
  const head = [
    'virtual time, deploy and wait',
    'verdict',
    'virtual s',
    'ECS calls',
    'median ms',
    'p10–p90 ms',
    'bar ms',
  ];
  return renderColumns(
    head,
    results.map(({ title, verdict, virtualSeconds, calls, series }) => [
      title,
      verdict,
      virtualSeconds.toFixed(1),
      String(calls),
      series.medianMs.toFixed(1),
      `${series.lowMs.toFixed(1)}–${series.highMs.toFixed(1)}`,
      `< ${BAR_MS}`,
    ]),
  );
}

async function runScenario({ crash, verdict, meanwhile }: Scenario) {
  const stage = await openStage(crash ? { 'web:2': { exits: { afterMs: 100, code: 3 } } } : {}, [
    'Error: boom',
  ]);
  await stage.open('web', '1');
  const calls = stage.calls.length;
  const virtualAt = stage.clock.now();
  const startedAt = performance.now();
  const deployed = await stage.deploy('web', '2');
  await meanwhile?.(stage);
  const waited = await stage.wait(handOver(deployed));
  const wallMs = performance.now() - startedAt;
  assertVerdict(waited, verdict);
  closeStages();
  return { wallMs, calls: stage.calls.length - calls, virtualMs: stage.clock.now() - virtualAt };
}

function assertVerdict({ outputs }: StepResult, expected: string): void {
  if (outputs.verdict !== expected) throw new Error(`expected ${expected}, got ${outputs.verdict}`);
}

async function deployAnother(stage: Stage): Promise<void> {
  await stage.clock.sleep(3_000);
  await stage.client.send(new RegisterTaskDefinitionCommand(taskDefinition('web', '3') as never));
  await stage.client.send(
    new UpdateServiceCommand({ cluster: 'shop', service: 'web', taskDefinition: 'web:3' }),
  );
}
