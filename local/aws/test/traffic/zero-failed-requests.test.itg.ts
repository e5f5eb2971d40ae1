import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DrainOrder } from '../../ecs/engine/context.ts';
import { EchoSocket } from './echo-socket.ts';
import { BROKEN, Shop } from './shop.ts';
import { countOf, type LoadAnswer, SteadyLoad } from './steady-load.ts';

/** Deregistration delay, bakes and back-off take a fiftieth of their time; health checks and stop time-outs their own. */
const TIME_SCALE = 0.02;
const ALARM = 'too-many-errors';

const ROLLING: DeploymentConfiguration = {
  strategy: 'ROLLING',
  lifecycleHooks: [],
  alarms: { enable: false, rollback: false, alarmNames: [] },
  deploymentCircuitBreaker: { enable: true, rollback: true },
};
const BLUE_GREEN: DeploymentConfiguration = {
  ...ROLLING,
  strategy: 'BLUE_GREEN',
  bakeTimeInMinutes: 1,
  deploymentCircuitBreaker: { enable: false, rollback: false },
};
const CANARY: DeploymentConfiguration = {
  ...BLUE_GREEN,
  strategy: 'CANARY',
  canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 1 },
};
const pauseAt = (stage: 'POST_TEST_TRAFFIC_SHIFT' | 'PRE_PRODUCTION_TRAFFIC_SHIFT') => ({
  lifecycleHooks: [{ targetType: 'PAUSE' as const, lifecycleStages: [stage] }],
});

const opened: Record<DrainOrder, Promise<Shop> | undefined> = {
  'deregister-first': undefined,
  together: undefined,
};
// Both at the same time, since most of a start is waiting.
beforeAll(async () => {
  for (const drainOrder of ['deregister-first', 'together'] as const)
    opened[drainOrder] = Shop.open({ timeScale: TIME_SCALE, drainOrder, deregistrationDelaySeconds: 150 });
  await Promise.allSettled(Object.values(opened));
});
afterAll(async () => {
  for (const one of await Promise.allSettled(Object.values(opened))) {
    if (one.status === 'fulfilled') await one.value?.close();
  }
});

describe.each(['deregister-first', 'together'] as const)(
  'with SIGTERM in the order "%s", no request fails',
  (drainOrder) => {
    let shop: Shop;
    let load: SteadyLoad;
    let socket: EchoSocket;
    let serving = 'v1';
    let made = 1;

    beforeAll(async () => {
      const one = await opened[drainOrder];
      if (!one) throw new Error('the local AWS was not started');
      shop = one;
    });
    beforeEach(async () => {
      load = new SteadyLoad(shop.production.url);
      socket = await EchoSocket.open(shop.production.url);
      expect(socket.version).toBe(serving);
    });
    afterEach(async () => {
      await load.stop();
      await socket.close();
    });

    const nextVersion = () => {
      made += 1;
      return `v${made}`;
    };

    /** What must be true of the load at the end: all answered rightly, the last ones by the version that serves. */
    async function expectNothingLost(version: string): Promise<void> {
      serving = version;
      const last = await load.next(100);
      await load.stop();
      expect(load.failures).toEqual([]);
      expect(load.answers).toHaveLength(load.sent);
      expect(countOf(last, version)).toBe(100);
    }

    /** The WebSocket goes on while its target drains, and ends with the delay, not before. */
    async function expectOpenUntilDrained(one: EchoSocket): Promise<void> {
      const address = await shop.tasks.addressOf(one.task);
      await shop.untilTargetIs(address, 'draining');
      const { echoes } = one;
      await one.closed;
      // One may have been on its way; the next one went there and back.
      expect(one.echoes - echoes).toBeGreaterThan(1);
      expect(await shop.targetState(address)).toBe('gone');
    }

    test('through a rolling deployment', async () => {
      const version = nextVersion();
      const drained = expectOpenUntilDrained(socket);
      const deployment = await shop.deployments.ended(await shop.deploy(version, ROLLING));
      expect(deployment.status).toBe('SUCCESSFUL');
      await drained;
      await expectNothingLost(version);
    });

    test('through a rolling deployment that the circuit breaker rolls back', async () => {
      const deployment = await shop.deployments.ended(await shop.deploy(BROKEN, ROLLING));
      expect(deployment).toMatchObject({
        status: 'ROLLBACK_SUCCESSFUL',
        deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 },
      });
      expect(countOf(load.answers, BROKEN)).toBe(0);
      await expectNothingLost(serving);
    });

    test('through a blue/green deployment, first on the test listener, then all at once', async () => {
      const version = nextVersion();
      const drained = expectOpenUntilDrained(socket);
      const arn = await shop.deploy(version, { ...BLUE_GREEN, ...pauseAt('POST_TEST_TRAFFIC_SHIFT') });
      const hookId = await shop.deployments.paused(arn, 'POST_TEST_TRAFFIC_SHIFT', 0);
      expect(await answersOf(shop.test.url, 10)).toEqual(Array(10).fill(version));
      expect(countOf(await load.next(100), serving)).toBe(100);
      await shop.deployments.answerPause(arn, hookId, 'CONTINUE');
      await shop.deployments.until(arn, ({ lifecycleStage }) => lifecycleStage === 'BAKE_TIME');
      const other = await EchoSocket.open(shop.production.url);
      expect([socket.isOpen, socket.version, other.version]).toEqual([true, serving, version]);
      expect((await shop.deployments.ended(arn)).status).toBe('SUCCESSFUL');
      await drained;
      expect(other.isOpen).toBe(true);
      await other.close();
      await expectNothingLost(version);
    });

    test('through a blue/green deployment that is rolled back when all traffic is on the new revision', async () => {
      const version = nextVersion();
      const arn = await shop.deploy(version, { ...BLUE_GREEN, bakeTimeInMinutes: 1440 });
      await shop.deployments.until(arn, ({ lifecycleStage }) => lifecycleStage === 'BAKE_TIME');
      expect(countOf(await load.next(100), version)).toBe(100);
      const green = await EchoSocket.open(shop.production.url);
      const drained = expectOpenUntilDrained(green);
      await shop.deployments.rollBack(arn);
      expect((await shop.deployments.ended(arn)).status).toBe('ROLLBACK_SUCCESSFUL');
      await drained;
      expect([socket.isOpen, green.version]).toEqual([true, version]);
      await expectNothingLost(serving);
    });

    test('through a canary deployment, whose share of the requests is what the rule says', async () => {
      const version = nextVersion();
      const drained = expectOpenUntilDrained(socket);
      const arn = await shop.deploy(version, { ...CANARY, ...pauseAt('PRE_PRODUCTION_TRAFFIC_SHIFT') });
      await shop.deployments.answerPause(
        arn,
        await shop.deployments.paused(arn, 'PRE_PRODUCTION_TRAFFIC_SHIFT', 0),
        'CONTINUE',
      );
      const hookId = await shop.deployments.paused(arn, 'PRE_PRODUCTION_TRAFFIC_SHIFT', 20);
      expect(Object.values(await shop.weights(shop.production)).sort()).toEqual([20, 80]);
      expectShare(await load.next(400), version, 0.2);
      await shop.deployments.answerPause(arn, hookId, 'CONTINUE');
      expect((await shop.deployments.ended(arn)).status).toBe('SUCCESSFUL');
      await drained;
      await expectNothingLost(version);
    });

    test('through a canary deployment that an alarm rolls back while the canary bakes', async () => {
      const version = nextVersion();
      const alarms = { enable: true, rollback: true, alarmNames: [ALARM] };
      await setAlarm('OK');
      const canaryConfiguration = { canaryPercent: 50, canaryBakeTimeInMinutes: 1440 };
      const arn = await shop.deploy(version, { ...CANARY, canaryConfiguration, alarms });
      await shop.deployments.until(
        arn,
        (one) => one.targetServiceRevision?.requestedProductionTrafficWeight === 50,
      );
      expectShare(await load.next(200), version, 0.5);
      await setAlarm('ALARM');
      expect(await shop.deployments.ended(arn)).toMatchObject({
        status: 'ROLLBACK_SUCCESSFUL',
        alarms: { triggeredAlarmNames: [ALARM] },
      });
      expect(socket.isOpen).toBe(true);
      await expectNothingLost(serving);
    });

    async function setAlarm(StateValue: 'OK' | 'ALARM'): Promise<void> {
      const cloudWatch = new CloudWatchClient(shop.aws.client());
      await cloudWatch.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName: ALARM, Namespace: 'Shop', MetricName: 'Errors', Statistic: 'Sum', Period: 60 },
          ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
        }),
      );
      await cloudWatch.send(
        new SetAlarmStateCommand({ AlarmName: ALARM, StateValue, StateReason: 'set by the test' }),
      );
    }
  },
);

/** The versions that answer so many requests, one after the other. */
async function answersOf(url: string, count: number): Promise<string[]> {
  const versions: string[] = [];
  for (let n = 0; n < count; n++) {
    const answer = (await (await fetch(url)).json()) as { version: string };
    versions.push(answer.version);
  }
  return versions;
}

/** Within five standard deviations of the binomial distribution: one run in a million is outside by chance. */
function expectShare(answers: readonly LoadAnswer[], version: string, share: number): void {
  const deviation = Math.sqrt(answers.length * share * (1 - share));
  const distance = Math.abs(countOf(answers, version) - answers.length * share);
  expect(distance).toBeLessThan(5 * deviation);
}
