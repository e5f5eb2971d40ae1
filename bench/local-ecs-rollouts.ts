import type { Service } from '@aws-sdk/client-ecs';
import { createVirtualEcs, type VirtualEcs } from '../local/aws/ecs/virtual-ecs.ts';
import { measure, renderColumns, type Series } from './measure.ts';

/** The bars, wall time: of one rolling deployment of 100 tasks, and of ten thousand of two tasks. */
export const BARS_MS = { large: 100, many: 60_000 };
const LARGE = { tasks: 100, runs: 30, warmUps: 10 };
const MANY = { tasks: 2, deployments: 10_000, services: 1_000 };
const CALLER = { accountId: '123456789012', region: 'us-east-1', accessKeyId: '123456789012', now: 0 };
const SERVICE = { cluster: 'shop', service: 'web' };
const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'] } };

export interface SimulationResult {
  large: Series;
  /** Wall milliseconds of all of them, one after the other on one core. */
  manyMs: number;
  deployments: number;
}

/**
 * Measures the engine alone, without the SDK and the wire: rolling deployments under a lower bound of 100 and an
 * upper of 200 percent, tasks without checks, from the update to COMPLETED, in virtual time.
 */
export async function benchSimulations(): Promise<SimulationResult> {
  const large = await measure(
    async () => {
      const ecs = await openService(LARGE.tasks);
      return timed(() => deploy(ecs, 'web:2'));
    },
    LARGE.runs,
    LARGE.warmUps,
  );
  const manyMs = await timed(async () => {
    for (let n = 0; n < MANY.services; n++) {
      const ecs = await openService(MANY.tasks);
      for (let round = 0; round < MANY.deployments / MANY.services; round++) {
        await deploy(ecs, round % 2 === 0 ? 'web:2' : 'web:1');
      }
    }
  });
  return { large, manyMs, deployments: MANY.deployments };
}

/** The figures as a table. */
export function renderSimulations({ large, manyMs, deployments }: SimulationResult): string {
  const head = ['simulated rolling deployments', 'wall ms', 'p10–p90 ms', 'bar ms'];
  const spread = `${large.lowMs.toFixed(1)}–${large.highMs.toFixed(1)}`;
  return renderColumns(head, [
    ['one of 100 tasks, median', large.medianMs.toFixed(1), spread, `≤ ${BARS_MS.large}`],
    [`${deployments} of 2 tasks, in all`, manyMs.toFixed(0), '', `≤ ${BARS_MS.many}`],
  ]);
}

async function openService(desiredCount: number): Promise<VirtualEcs> {
  const virtual = createVirtualEcs();
  const { handlers } = virtual.ecs;
  await handlers.CreateCluster?.({ clusterName: 'shop' }, CALLER);
  for (const image of ['web:1', 'web:2']) {
    const containerDefinitions = [{ name: 'web', image }];
    const size = { networkMode: 'awsvpc' as const, cpu: '256', memory: '512' };
    await handlers.RegisterTaskDefinition?.({ family: 'web', containerDefinitions, ...size }, CALLER);
  }
  await handlers.CreateService?.(
    {
      cluster: 'shop',
      serviceName: 'web',
      taskDefinition: 'web:1',
      desiredCount,
      networkConfiguration: NETWORK,
    },
    CALLER,
  );
  await settle(virtual);
  return virtual;
}

async function deploy(virtual: VirtualEcs, taskDefinition: string): Promise<void> {
  await virtual.ecs.handlers.UpdateService?.({ ...SERVICE, taskDefinition }, CALLER);
  await settle(virtual);
}

/** Goes from moment to moment at which something is due, and reads the service at each. */
async function settle(virtual: VirtualEcs): Promise<void> {
  const { ecs, clock } = virtual;
  for (;;) {
    if (isSettled(await read(virtual))) return;
    const dueAt = ecs.nextDueAt();
    if (dueAt === undefined) throw new Error('The deployment waits for something that never comes.');
    await clock.sleep(dueAt - clock.now());
  }
}

async function read({ ecs }: VirtualEcs): Promise<Service> {
  const input = { cluster: SERVICE.cluster, services: [SERVICE.service] };
  const described = await ecs.handlers.DescribeServices?.(input, CALLER);
  return described?.services?.[0] ?? {};
}

function isSettled({ deployments = [] }: Service): boolean {
  return deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED';
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
