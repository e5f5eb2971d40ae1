import { describe, expect, test } from '@jest/globals';
import { HealthChecks } from '../health/health-checks.ts';
import type { ProbeRequest } from '../health/probe.ts';
import { type CheckOutcome, initialHealth } from '../health/target-health.ts';
import type { TargetGroupRecord, TargetRecord } from '../records.ts';
import { VirtualTime } from './virtual-time.ts';

const healthCheck = {
  port: 'traffic-port',
  path: '/health',
  intervalSeconds: 10,
  timeoutSeconds: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  matcher: '200',
};

/** `takes` are the milliseconds that each probe takes, 0 for those after. */
function setUp(outcomes: CheckOutcome[], takes: number[] = [], timeScale = 1) {
  const time = new VirtualTime();
  const startedAt = time.now();
  const probes: (ProbeRequest & { at: number })[] = [];
  const changes: string[] = [];
  const heard: string[] = [];
  const target: TargetRecord = { id: '10.0.1.7', port: 8000, health: initialHealth, underWay: new Set() };
  const group: TargetGroupRecord = {
    arn: 'arn',
    name: 'shop',
    port: 8000,
    vpcId: 'vpc-1',
    healthCheck,
    attributes: new Map(),
    targets: new Map([['10.0.1.7:8000', target]]),
    turn: 0,
  };
  const checks = new HealthChecks({
    now: () => time.now(),
    timer: time,
    timeScale,
    resolveTarget: (_id, port) => ({ host: '127.0.0.1', port }),
    probe: async (check) => {
      probes.push({ ...check, at: time.now() - startedAt });
      const lasts = takes[probes.length - 1] ?? 0;
      if (lasts > 0) await new Promise<void>((done) => time.after(lasts, done));
      return outcomes[probes.length - 1] ?? { kind: 'answered', code: 200 };
    },
    changed: () => changes.push(target.health.view.state),
    checked: ({ startedAt: at, outcome }) => heard.push(`${at - startedAt} ${outcome.kind}`),
  });
  return { time, probes, changes, heard, target, group, checks };
}

describe('health checks', () => {
  test('begin at once and go on each interval', async () => {
    const { time, probes, checks, group, target } = setUp([]);
    checks.follow([{ group, target }]);
    await time.pass(35_000);
    expect(probes.map(({ at }) => at)).toEqual([0, 10_000, 20_000, 30_000]);
    expect(probes[0]).toMatchObject({ path: '/health', hostHeader: '10.0.1.7:8000', timeoutMs: 5000 });
    checks.follow([]);
  });

  test('keep to their intervals when one has come late, and tell each that is made', async () => {
    const { time, heard, checks, group, target } = setUp([{ kind: 'timed-out' }], [0, 13_000]);
    checks.follow([{ group, target }]);
    await time.pass(45_000);
    expect(heard).toEqual([
      ...['0 timed-out', '10000 answered', '23000 answered', '33000 answered', '43000 answered'],
    ]);
    checks.follow([]);
  });

  test('tell only of changes', async () => {
    const failed: CheckOutcome = { kind: 'failed' };
    const { time, changes, checks, group, target } = setUp([failed, failed, failed]);
    checks.follow([{ group, target }]);
    await time.pass(60_000);
    expect(changes).toEqual(['unhealthy', 'healthy']);
    checks.follow([]);
  });

  test('make a new target healthy as soon as it answers on a shorter time scale, and come each interval then', async () => {
    const refused: CheckOutcome = { kind: 'failed' };
    const { time, probes, changes, heard, checks, group, target } = setUp([refused, refused], [], 0.2);
    checks.follow([{ group, target }]);
    await time.pass(25_000);
    expect(probes.map(({ at }) => at)).toEqual([0, 2000, 4000, 10_000, 20_000]);
    expect(heard).toEqual(['0 failed', '4000 answered', '10000 answered', '20000 answered']);
    expect(changes).toEqual(['healthy']);
    checks.follow([]);
  });

  test('make no target unhealthy sooner on a shorter time scale', async () => {
    const refused: CheckOutcome = { kind: 'failed' };
    const { time, probes, heard, changes, checks, group, target } = setUp(Array(14).fill(refused), [], 0.01);
    checks.follow([{ group, target }]);
    await time.pass(15_000);
    expect(probes.map(({ at }) => at)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((second) => second * 1000),
    );
    expect(heard).toEqual(['0 failed', '10000 failed']);
    expect(changes).toEqual(['unhealthy']);
    checks.follow([]);
  });

  test('stop when the target is no longer followed', async () => {
    const { time, probes, checks, group, target } = setUp([]);
    checks.follow([{ group, target }]);
    await time.pass(5000);
    checks.follow([]);
    await time.pass(60_000);
    expect(probes).toHaveLength(1);
  });

  test('take changed settings from the next check on', async () => {
    const { time, probes, checks, group, target } = setUp([]);
    checks.follow([{ group, target }]);
    await time.pass(1000);
    group.healthCheck = { ...healthCheck, port: '9090', path: '/ready' };
    await time.pass(10_000);
    expect(probes[1]).toMatchObject({ address: { port: 9090 }, path: '/ready' });
    checks.follow([]);
  });
});
