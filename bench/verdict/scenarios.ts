import type { CreateServiceCommandInput } from '@aws-sdk/client-ecs';
import type { Behaviours } from '../../test/virtual/stage.ts';
import type { Ground } from './ground.ts';

const MINUTE_MS = 60_000;

/** How tasks behave, by the tag of their image; `good` goes well. */
export const BEHAVIOURS: Behaviours = {
  ':in2min': { startsAfterMs: 2 * MINUTE_MS - 5_000 },
  ':in5min': { startsAfterMs: 5 * MINUTE_MS - 5_000 },
  ':in25min': { startsAfterMs: 25 * MINUTE_MS - 5_000 },
  // Before it counts as running, so that the breaker counts it; and after.
  ':crash': { exits: { afterMs: 100, code: 3 } },
  ':loop': { exits: { afterMs: 5_000, code: 3 } },
  ':missing': { failsToStart: 'CannotPullContainerError: manifest unknown' },
};

const breaker = (enable: boolean, rollback: boolean): Partial<CreateServiceCommandInput> => ({
  deploymentConfiguration: { deploymentCircuitBreaker: { enable, rollback } },
});
const NO_BREAKER = breaker(false, false);
const PAUSE: Partial<CreateServiceCommandInput> = {
  deploymentConfiguration: {
    lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['PRE_SCALE_UP'] }],
  },
};

/** A situation that a tool has to judge. */
export interface Scenario {
  title: string;
  /** Tag of the image that is deployed. */
  image: string;
  service?: Partial<CreateServiceCommandInput>;
  /** The colour a right outcome has. */
  right: 'green' | 'red';
  /** Further inputs of wait-for-stable. */
  inputs?: Record<string, string>;
  /** Further options of `ecs deploy`, whose time-out is 5 minutes by itself. */
  fabfuel?: readonly string[];
  /** What has happened before the deployment. */
  before?: (ground: Ground, service: string) => Promise<void>;
  /** What happens while the tool waits. */
  meanwhile?: (ground: Ground, service: string) => Promise<void>;
  /** When ECS had decided it, scaled epoch milliseconds. */
  decidedAt(ground: Ground, service: string): Promise<number | undefined>;
}

const ended: Scenario['decidedAt'] = async (ground, service) =>
  (await ground.deployments(service))[0]?.finishedAt?.getTime();
const tripped: Scenario['decidedAt'] = async (ground, service) => {
  const [newest] = await ground.deployments(service);
  return (newest?.rollback?.startedAt ?? newest?.stoppedAt ?? newest?.finishedAt)?.getTime();
};
const stopped =
  (nth: number): Scenario['decidedAt'] =>
  async (ground, service) =>
    (await ground.stops(service))[nth - 1];
const LONG = ['--timeout', '2400'];

/** Run once for nothing: the first calls of a process are slow, and here they would be scaled. */
export const WARM_UP: Scenario = {
  title: 'warm up',
  image: 'loop',
  service: NO_BREAKER,
  right: 'red',
  decidedAt: ended,
};

export const SCENARIOS: readonly Scenario[] = [
  { title: 'stable at 2 min', image: 'in2min', right: 'green', fabfuel: LONG, decidedAt: ended },
  { title: 'stable at 5 min', image: 'in5min', right: 'green', fabfuel: LONG, decidedAt: ended },
  { title: 'stable at 25 min', image: 'in25min', right: 'green', fabfuel: LONG, decidedAt: ended },
  {
    title: 'breaker with rollback',
    image: 'crash',
    service: breaker(true, true),
    right: 'red',
    decidedAt: tripped,
  },
  {
    title: 'breaker without rollback',
    image: 'crash',
    service: breaker(true, false),
    inputs: { 'on-failure': 'leave' },
    fabfuel: ['--rollback'],
    right: 'red',
    decidedAt: tripped,
  },
  {
    title: 'superseded',
    image: 'in2min',
    right: 'red',
    async meanwhile(ground, service) {
      await ground.clock.sleep(60_000);
      await ground.update(service, { taskDefinition: `${service}:1` });
    },
    decidedAt: async (ground, service) => (await ground.deployments(service))[1]?.finishedAt?.getTime(),
  },
  {
    title: 'crash loop, no breaker',
    image: 'loop',
    service: NO_BREAKER,
    right: 'red',
    decidedAt: stopped(3),
  },
  { title: 'image missing', image: 'missing', service: NO_BREAKER, right: 'red', decidedAt: stopped(1) },
  {
    title: 'paused by a hook',
    image: 'good2',
    service: PAUSE,
    inputs: { 'wait-until': 'paused' },
    right: 'green',
    decidedAt: async (ground, service) => (await ground.deployments(service))[0]?.startedAt?.getTime(),
  },
  {
    title: 'scaled to zero',
    image: 'good2',
    right: 'red',
    async before(ground, service) {
      await ground.update(service, { desiredCount: 0 });
    },
    decidedAt: ended,
  },
];
