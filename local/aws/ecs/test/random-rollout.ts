import type { Service, ServiceDeployment } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import type { Behaviour } from '../runtime/scripted-runtime.ts';
import { messages, type Rollout, startRollout, TARGET_GROUP } from './rollout.ts';

const BALANCED = [{ targetGroupArn: TARGET_GROUP, containerName: 'web', containerPort: 8000 }];
const CALLER = { accountId: '123456789012', region: 'us-east-1', accessKeyId: '', now: 0 };
const MOST_STEPS = 150;

const soon = fc.integer({ min: 0, max: 20_000 });
const healthyAfter = soon.map((afterMs) => [{ afterMs, state: 'healthy' as const }]);
const anyBehaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.record({ startsAfterMs: soon, target: healthyAfter }),
  // Dies before it may count as healthy: a task that dies later is nobody's decision.
  fc.record({ startsAfterMs: soon, exits: fc.record({ afterMs: fc.nat(900), code: fc.nat(255) }) }),
  fc.record({ startsAfterMs: soon, failsToStart: fc.constant('CannotPullContainerError: not found') }),
  fc.record({ target: soon.map((afterMs) => [{ afterMs, state: 'unhealthy' as const }]) }),
);

/** A service that goes from a good version to one whose tasks behave by turns as `seeds` say. */
export const anyScenario = fc.record({
  seeds: fc.array(anyBehaviour, { minLength: 1, maxLength: 6 }),
  desiredCount: fc.integer({ min: 1, max: 6 }),
  minimumHealthyPercent: fc.nat(100),
  maximumPercent: fc.integer({ min: 101, max: 250 }),
  strategy: fc.constantFrom('ROLLING' as const, 'ROLLING' as const, 'BLUE_GREEN' as const),
  enable: fc.boolean(),
  rollback: fc.boolean(),
  isBalanced: fc.boolean(),
});

export type Scenario = typeof anyScenario extends fc.Arbitrary<infer S> ? S : never;

/** Plays a scenario from moment to moment; throws an error that names the property which does not hold. */
export async function playScenario(scenario: Scenario): Promise<void> {
  const web = await open(scenario);
  for (let step = 0; step < MOST_STEPS; step++) {
    const service = await read(web);
    assertService(scenario, service, web);
    if (isOver(service)) return;
    // From one moment at which something happens to the next: no state in between goes unseen.
    await web.clock.sleep(Math.max(0, (web.ecs.nextDueAt() ?? web.clock.now()) - web.clock.now()));
  }
  const [service, newest] = [await web.service(), await web.newest()];
  if (waitsFor(service, newest) === undefined) fail('it neither ends nor says what it waits for', service);
}

async function open(scenario: Scenario): Promise<Rollout> {
  let launches = 0;
  const { seeds, isBalanced, enable, rollback, desiredCount, strategy, ...percents } = scenario;
  const script = (image: string): Behaviour =>
    image === 'web:1' ? {} : (seeds[launches++ % seeds.length] ?? {});
  const web = await startRollout({
    script: (launch) => script(launch.taskDefinition.containerDefinitions?.[0]?.image ?? ''),
  });
  const shifting = isBalanced ? {} : { strategy, bakeTimeInMinutes: 1 };
  await web.register('web:1');
  await web.create({
    desiredCount,
    deploymentConfiguration: { ...percents, ...shifting, deploymentCircuitBreaker: { enable, rollback } },
    ...(isBalanced ? { loadBalancers: BALANCED } : {}),
  });
  await web.until(isOver, 3_600_000, 30_000);
  await web.register('web:2');
  await web.update({ taskDefinition: 'web:2' });
  return web;
}

/** Past the wire: what is looked at is the engine, and there is much to look at. */
async function read(web: Rollout): Promise<Service> {
  const described = await web.ecs.handlers.DescribeServices?.({ cluster: 'shop', services: ['web'] }, CALLER);
  return described?.services?.[0] ?? {};
}

function isOver({ deployments = [] }: Service): boolean {
  const [primary, ...older] = deployments;
  return primary?.rolloutState === 'FAILED' || (primary?.rolloutState === 'COMPLETED' && older.length === 0);
}

function assertService(scenario: Scenario, service: Service, web: Rollout): void {
  const { runningCount = 0, pendingCount = 0, deployments = [] } = service;
  const { desiredCount, strategy, isBalanced } = scenario;
  const isRolling = isBalanced || strategy === 'ROLLING';
  const upper = isRolling ? Math.floor((desiredCount * scenario.maximumPercent) / 100) : 4 * desiredCount;
  const lower = isRolling ? Math.ceil((desiredCount * scenario.minimumHealthyPercent) / 100) : desiredCount;
  if (runningCount + pendingCount > upper) fail(`more than ${upper} tasks run or are pending`, service);
  if (runningCount < lower) fail(`fewer than ${lower} tasks serve`, service);
  const primaries = deployments.filter(({ status }) => status === 'PRIMARY');
  if (primaries.length !== 1) fail('there is not exactly one PRIMARY', service);
  const sum = (key: 'runningCount' | 'pendingCount') =>
    deployments.reduce((total, deployment) => total + (deployment[key] ?? 0), 0);
  if (sum('runningCount') !== runningCount || sum('pendingCount') !== pendingCount) {
    fail('the counts of the deployments are not those of the service', service);
  }
  const listed = web.ecs.handlers.ListTasks?.({ cluster: 'shop', serviceName: 'web' }, CALLER);
  if (listed instanceof Promise || (listed?.taskArns ?? []).length !== runningCount + pendingCount) {
    fail('the tasks listed are not as many as counted', service);
  }
}

/** What a deployment that goes on waits for, as the API tells it. */
function waitsFor(service: Service, newest: ServiceDeployment): string | undefined {
  if (newest.finishedAt !== undefined) return newest.status;
  if (newest.lifecycleStage !== undefined) return newest.lifecycleStage;
  const told = messages(service).findLast((text) => /unable to|is unhealthy|has started/.test(text));
  return service.deployments?.[0]?.rolloutState === 'IN_PROGRESS' ? told : undefined;
}

function fail(property: string, service: Service): never {
  const { deployments, events: _, ...rest } = service;
  throw new Error(`${property}: ${JSON.stringify({ deployments, ...rest })}`);
}
