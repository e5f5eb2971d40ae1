import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { closeStages, handOver, openStage, type Stage, taskDefinition } from './stage.ts';

afterAll(closeStages);

const CRASH = 'pulls in 1 s, runs, dies with 3 at 1.1 s';

interface WireCall {
  operation: string;
  input: Record<string, unknown>;
}

/** Keeps what the actions send to ECS, as it is on the wire. */
function tapWire(stage: Stage): WireCall[] {
  const sent: WireCall[] = [];
  const { access } = stage.deps;
  const { requestHandler: handler } = stage;
  const tapped: Stage['requestHandler'] = {
    ...handler,
    handle: (request, options) => {
      const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
      const text = typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body);
      sent.push({ operation, input: JSON.parse(text || '{}') });
      return handler.handle(request, options);
    },
  };
  Object.assign(stage.deps, {
    access: (who: Parameters<typeof access>[0]) => ({ ...access(who), requestHandler: tapped }),
  });
  return sent;
}

/**
 * Defects of the released tools that this pack is measured against, reproduced on their bundles; each is named
 * by what the tool does, and what must hold here instead.
 */
describe('a known defect of other tools does not exist here', () => {
  test('1: a deployment that was rolled back is a green build', async () => {
    const stage = await openStage({ 'web:2': CRASH });
    await stage.open('web', '1');
    const waited = await stage.wait(handOver(await stage.deploy('web', '2')));
    expect(waited.verdicts).toMatchObject([{ verdict: 'rolled-back', green: false }]);
    expect(waited.failure).toBeDefined();
    const lateMs = stage.clock.now() - (await stage.finishedAt('web'));
    expect(lateMs).toBeLessThan(3_000);
  });

  test('2: a circuit breaker without rollback is never noticed, the wait runs into its time-out', async () => {
    const stage = await openStage({ 'web:2': CRASH });
    await stage.open('web', '1', {
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } },
    });
    const waited = await stage.wait({ ...handOver(await stage.deploy('web', '2')), 'on-failure': 'leave' });
    expect(waited.verdicts).toMatchObject([{ verdict: 'failed', green: false, by: { kind: 'breaker' } }]);
    expect(waited.tookMs).toBeLessThan(60_000);
  });

  test('3: a deployment that a newer one replaced is blamed on the circuit breaker', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const older = await stage.deploy('web', '2');
    await stage.clock.sleep(3_000);
    await stage.deploy('web', '3', { 'on-running': 'queue', 'dry-run': 'true' });
    await stage.client.send(
      new UpdateServiceCommand({
        cluster: 'shop',
        service: 'web',
        forceNewDeployment: true,
        taskDefinition: 'web:1',
      }),
    );
    const newer = await stage.newestArn('web');
    const waited = await stage.wait(handOver(older));
    expect(waited.verdicts).toMatchObject([
      { verdict: 'superseded', by: { kind: 'deployment', serviceDeploymentArn: newer } },
    ]);
    expect(waited.failure).not.toMatch(/breaker/);
  });

  test('4: every update carries an empty list of volumes, which removes them, or a desired count', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const sent = tapWire(stage);
    await stage.wait(handOver(await stage.deploy('web', '2')));
    await stage.rollback({ cluster: 'shop', service: 'web' });
    const updates = sent.filter(({ operation }) => operation === 'UpdateService');
    expect(updates).toHaveLength(2);
    for (const { input } of updates) {
      expect(Object.keys(input).sort()).toEqual(['cluster', 'service', 'taskDefinition']);
    }
  });

  test('5: after a rollback by ECS the tool deregisters the revision that serves', async () => {
    const stage = await openStage({ 'web:2': CRASH });
    await stage.open('web', '1');
    const sent = tapWire(stage);
    const deployed = await stage.deploy('web', '2');
    const waited = await stage.wait(handOver(deployed));
    const back = await stage.rollback(handOver(deployed));
    expect([waited.outputs.verdict, back.outputs.verdict]).toEqual(['rolled-back', 'rolled-back']);
    expect(await stage.running('web')).toBe('web:1');
    const writes = sent
      .map(({ operation }) => operation)
      .filter((one) => /^(Dereg|Delete|Update|Stop)/.test(one));
    expect(writes).toEqual(['UpdateService']);
  });

  test('6: fields of a task definition that are newer than the SDK vanish without a word', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const sent = tapWire(stage);
    const document = taskDefinition('web', '2');
    const [container] = document.containerDefinitions as Record<string, unknown>[];
    const newer = {
      ...document,
      brandNewField: { mode: 'on' },
      containerDefinitions: [{ ...container, brandNewContainerField: 7 }],
    };
    writeFileSync(join(stage.workspace, 'newer.json'), JSON.stringify(newer));
    // The ECS of today refuses them by name: what is newer is neither lost nor kept quiet.
    const refusal = await stage.deploy('web', '2', { 'task-definition': 'newer.json' }).then(
      () => '',
      ({ message }: Error) => message,
    );
    expect(refusal).toMatch(/^$|brandNew\w*Field/);
    const registered = sent.find(({ operation }) => operation === 'RegisterTaskDefinition');
    expect(registered?.input).toMatchObject({
      brandNewField: { mode: 'on' },
      containerDefinitions: [{ brandNewContainerField: 7 }],
    });
  });
});
