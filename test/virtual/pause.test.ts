import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { closeStages, handOver, openStage, type Stage } from './stage.ts';

afterAll(closeStages);

/** A service whose deployments pause before any task of the new revision starts. */
async function openPausing(): Promise<Stage> {
  const stage = await openStage();
  await stage.open('web', '1');
  const lifecycleHooks = [{ targetType: 'PAUSE' as const, lifecycleStages: ['PRE_SCALE_UP' as const] }];
  await stage.client.send(
    new UpdateServiceCommand({
      cluster: 'shop',
      service: 'web',
      deploymentConfiguration: { lifecycleHooks },
    }),
  );
  return stage;
}

describe('a deployment that pauses', () => {
  test('ends the wait as paused, green, where that was asked for', async () => {
    const stage = await openPausing();
    const waited = await stage.wait({ ...handOver(await stage.deploy('web', '2')), 'wait-until': 'paused' });
    expect(waited.verdicts).toMatchObject([{ verdict: 'paused', green: true, by: { kind: 'hook' } }]);
    expect(waited.tookMs).toBeLessThan(10_000);
    expect(waited.failure).toBeUndefined();
  });

  test('is red as paused when the time is up', async () => {
    const stage = await openPausing();
    const deployed = await stage.deploy('web', '2');
    const waited = await stage.wait({ ...handOver(deployed), 'timeout-minutes': '1' });
    expect(waited.verdicts).toMatchObject([{ verdict: 'paused', green: false }]);
    expect(waited.failure).toContain('continue-service-deployment');
  });

  test('is rolled back by answering its hook, not by stopping it', async () => {
    const stage = await openPausing();
    const deployed = await stage.deploy('web', '2');
    await stage.wait({ ...handOver(deployed), 'wait-until': 'paused' });
    const back = await stage.rollback(handOver(deployed));
    expect(back.calls).toContain('ContinueServiceDeployment');
    expect(back.calls).not.toContain('StopServiceDeployment');
    expect(back.calls).not.toContain('UpdateService');
    expect(back.verdicts).toMatchObject([{ verdict: 'rolled-back', green: true }]);
    expect(await stage.running('web')).toBe('web:1');
  });

  test('answers no hook with CONTINUE after a lost ROLLBACK: it is stopped, which may be repeated', async () => {
    const stage = await openPausing();
    const deployed = await stage.deploy('web', '2');
    await stage.wait({ ...handOver(deployed), 'wait-until': 'paused' });
    const { access } = stage.deps;
    const { requestHandler: handler } = stage;
    const losing: Stage['requestHandler'] = {
      ...handler,
      handle: async (request, options) => {
        const answer = await handler.handle(request, options);
        if (!request.headers['x-amz-target']?.endsWith('ContinueServiceDeployment')) return answer;
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      },
    };
    Object.assign(stage.deps, {
      access: (who: Parameters<typeof access>[0]) => ({ ...access(who), requestHandler: losing }),
    });
    const back = await stage.rollback(handOver(deployed));
    expect(back.calls.filter((call) => call === 'ContinueServiceDeployment')).toHaveLength(1);
    expect(back.verdicts).toMatchObject([{ verdict: 'rolled-back', green: true }]);
  });
});
