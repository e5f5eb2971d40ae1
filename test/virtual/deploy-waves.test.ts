import { execFileSync } from 'node:child_process';
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { deployService } from '../../actions/deploy-service/src/run.ts';
import type { TaskScript } from '../../local/aws/ecs/runtime/scripted-runtime.ts';
import { type DeployStage, openDeployStage, WRITE } from './deploy-stage.ts';
import { closeStages, handOver } from './stage.ts';

afterAll(closeStages);

/** Two services, `web` needing `api`; the deployments of `api` bake for five minutes. */
async function openPair(): Promise<DeployStage> {
  const stage = await openDeployStage();
  await stage.open('web', '1');
  await stage.open('api', '1', { loadBalancers: [] });
  const bake = { type: 'blue-green', 'bake-minutes': 5 };
  stage.manifest({ web: { needs: ['api'] }, api: { strategy: bake } });
  return stage;
}

describe('waves', () => {
  test.each([
    ['done', 'SUCCESSFUL', 5 * 60_000, Number.POSITIVE_INFINITY],
    ['bake', 'IN_PROGRESS', 0, 5 * 60_000],
    ['serving', 'IN_PROGRESS', 0, 5 * 60_000],
  ])('begin when what they need is %s', async (waitUntil, status, atLeastMs, atMostMs) => {
    const stage = await openPair();
    const deployed = await stage.deployAll(['web', 'api'], { 'wait-until': waitUntil });
    expect(deployed.deployments.map(({ service, wave }) => [service, wave])).toEqual([
      ['api', 0],
      ['web', 1],
    ]);
    expect((await stage.history('api'))[0]).toBe(status);
    expect(deployed.tookMs).toBeGreaterThanOrEqual(atLeastMs);
    expect(deployed.tookMs).toBeLessThan(atMostMs);
  });

  test('register for all services before the first is touched', async () => {
    const stage = await openPair();
    const { calls } = await stage.deployAll(['web', 'api']);
    expect(calls.filter((call) => WRITE.test(call))).toEqual([
      'RegisterTaskDefinition',
      'RegisterTaskDefinition',
      'UpdateService',
      'UpdateService',
    ]);
  });

  test('tell on one page what was planned and what was done', async () => {
    const stage = await openPair();
    await stage.deployAll(['web', 'api'], { 'wait-until': 'bake' });
    const page = stage.deps.summaries.join('\n');
    expect(page).toContain('## Deployment plan of 4f5e6d7c8b9a');
    expect(page).toMatch(/\| api \| api:1 \| blue-green \| register .*strategy ROLLING -> BLUE_GREEN/);
    expect(page).toMatch(/\| 1 \| api \| api:1 → api:2 \|\s+\| \w+ \|/);
    expect(page).toMatch(/\| 2 \| web \| web:1 → web:2 \|\s+\| \w+ \|/);
  });

  test('end where one of them fails, with what was not deployed', async () => {
    const script: TaskScript = ({ taskDefinition }) =>
      taskDefinition.containerDefinitions?.some(({ image }) => image === 'api:2')
        ? { exits: { afterMs: 100, code: 3 } }
        : {};
    const stage = await openDeployStage(script);
    for (const name of ['api', 'web', 'ui']) await stage.open(name, '1');
    stage.manifest({ api: {}, web: { needs: ['api'] }, ui: { needs: ['web'] } });
    const deployed = await stage.deployAll(['ui', 'web', 'api']);
    expect(deployed.failure).toMatch(/api \(api:2\) rolled-back.*come after it: web, ui\./);
    expect(stage.deps.summaries.at(-1)).toContain('### Ended early');
    expect([await stage.running('web'), await stage.running('ui')]).toEqual(['web:1', 'ui:1']);
  });

  test('hand over what was deployed where AWS refuses to tell what became of it', async () => {
    const stage = await openPair();
    stage.refuse('DescribeServiceDeployments');
    const deployed = await stage.deployAll(['web', 'api']);
    expect(deployed.failure).toMatch(
      /^ecs:DescribeServiceDeployments failed: AccessDenied.* Not deployed, because they come after it: web\.$/,
    );
    expect(deployed.deployments).toMatchObject([{ service: 'api', changed: true }]);
  });
});

describe('a deployment that waited for its turn', () => {
  test('does not go over a newer commit that was deployed meanwhile', async () => {
    const stage = await openDeployStage();
    await stage.open('web', '1');
    const git = (...args: string[]): string => {
      const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
      return execFileSync('git', ['-C', stage.workspace, ...who, ...args], { encoding: 'utf8' }).trim();
    };
    git('init', '-q');
    const commit = (): string => {
      git('commit', '-q', '--allow-empty', '-m', 'a change');
      return git('rev-parse', 'HEAD');
    };
    const [older, newer] = [commit(), commit()];
    const runOf = (sha: string) => Object.assign(stage.deps.github, { sha });
    // Somebody's deployment is under way; while the older commit waits for it, the newer one goes ahead.
    const update = { cluster: 'shop', service: 'web', forceNewDeployment: true };
    await stage.client.send(new UpdateServiceCommand(update));
    await stage.clock.sleep(3_000);
    runOf(older);
    const { sleep } = stage.clock;
    let overtaken = false;
    Object.assign(stage.clock, {
      sleep: async (ms: number) => {
        await sleep(ms);
        if (overtaken) return;
        overtaken = true;
        runOf(newer);
        await stage.deploy('web', '3', { 'on-running': 'stop' });
        runOf(older);
      },
    });
    const before = stage.sent('UpdateService').length;
    await expect(stage.deploy('web', '2')).rejects.toMatchObject({ code: 'DEPLOYMENT_OLDER_COMMIT' });
    expect(stage.sent('UpdateService')).toHaveLength(before + 1);
    expect(await stage.running('web')).toBe('web:3');
  });
});

describe('a run that is killed', () => {
  const WHOLE = {
    strategy: { type: 'rolling', 'maximum-percent': 150 },
    migrate: { command: ['node', 'migrate.js'] },
  };
  const script: TaskScript = ({ serviceName }) =>
    serviceName === undefined ? { exits: { afterMs: 5_000, code: 0 } } : {};

  /** A run with all there is: a strategy, a migration, a hold. */
  async function openWhole() {
    const stage = await openDeployStage(script);
    await stage.open('web', '1');
    await stage.scale('web');
    stage.manifest({ web: WHOLE });
    const kept = new Map<string, string>();
    const saveState = (name: string, value: string) => void kept.set(name, value);
    Object.assign(stage.deps, { saveState });
    const runJob = async () => {
      const deployed = await stage.deployAll(['web'], { 'hold-autoscaling': 'dynamic' });
      const waited = await stage.wait(handOver(deployed));
      await deployService.after?.((name) => kept.get(name) ?? '', stage.deps);
      return waited.verdicts[0]?.verdict;
    };
    const read = async () => {
      const [service] = await stage.describe('web');
      const migrations = new Set(stage.sent('RunTask').map(({ clientToken }) => clientToken)).size;
      const { deploymentConfiguration, desiredCount } = service ?? {};
      return {
        deploymentConfiguration,
        desiredCount,
        running: await stage.running('web'),
        deployments: await stage.history('web'),
        scaling: await stage.scaling('web'),
        migrations,
      };
    };
    return { stage, kept, runJob, read };
  }

  test('after any of its writes leaves what the next run brings to the end of an undisturbed one', async () => {
    const undisturbed = await openWhole();
    await undisturbed.runJob();
    const expected = await undisturbed.read();
    expect(expected).toMatchObject({
      running: 'web:2',
      deployments: ['SUCCESSFUL', 'SUCCESSFUL'],
      scaling: { suspended: [], tags: {} },
      migrations: 1,
    });
    // After each write, and after the read that follows it; reads alone leave nothing behind.
    const { calls } = await (await openWhole()).stage.deployAll(['web'], { 'hold-autoscaling': 'dynamic' });
    const points = calls.flatMap((call, i) => (WRITE.test(call) ? [i + 1, i + 2] : []));
    expect(points.length).toBeGreaterThanOrEqual(10);
    for (const killedAt of new Set(points)) {
      const { stage, kept, runJob, read } = await openWhole();
      await stage.killAfter(killedAt, runJob);
      kept.clear();
      await runJob();
      expect({ killedAt, ...(await read()) }).toEqual({ killedAt, ...expected });
    }
  }, 90_000);
});
