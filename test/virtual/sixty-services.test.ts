import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateServiceCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deployService } from '../../actions/deploy-service/src/run.ts';
import { ECS_BUCKETS } from '../../local/aws/limits/api-buckets.ts';
import { closeStages, handOver, openStage, type Stage, type StepResult, taskDefinition } from './stage.ts';

afterAll(closeStages);

const SERVICES = 60;
const files: Record<string, string> = {};
const names = Array.from({ length: SERVICES }, (_, i) => `s${String(i).padStart(2, '0')}`);

/** Sixty services of one task each, on an ECS whose rate limits count. */
async function openSixty(): Promise<Stage> {
  const stage = await openStage({}, [], { apiBuckets: true });
  for (const name of names) {
    // Slowly enough for the limits: this is not what is measured.
    await stage.clock.sleep(1_000);
    await stage.client.send(new RegisterTaskDefinitionCommand(taskDefinition(name, '1') as never));
    await stage.client.send(
      new CreateServiceCommand({
        cluster: 'shop',
        serviceName: name,
        taskDefinition: name,
        desiredCount: 1,
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      }),
    );
  }
  await stage.clock.sleep(300_000);
  await stage.describe('s00');
  const entries = names.map((name) => {
    files[name] = `${name}.json`;
    writeFileSync(join(stage.workspace, `${name}.json`), JSON.stringify(taskDefinition(name, '2')));
    return `  ${name}: { context: ., container: ${name} }`;
  });
  const environment = '  prod: { account: "123456789012", region: us-east-1, cluster: shop }';
  const text = ['version: 1', 'environments:', environment, 'services:', ...entries, ''].join('\n');
  writeFileSync(join(stage.workspace, 'berth.yaml'), text);
  return stage;
}

/** The least seconds in which AWS lets these calls through: the slowest of its buckets. */
function boundSeconds(calls: readonly string[]): number {
  return Math.max(
    ...Object.values(ECS_BUCKETS).map(({ burst, refillPerSecond, operations }) => {
      const count = calls.filter((call) => operations.includes(call)).length;
      return Math.max(0, count - burst) / refillPerSecond;
    }),
  );
}

describe('sixty services in one run, with the rate limits of AWS', () => {
  let deployed: StepResult;
  let waited: StepResult;
  const lateMs: number[] = [];

  beforeAll(async () => {
    const stage = await openSixty();
    deployed = await stage.step(deployService, {
      environment: 'prod',
      'task-definitions': JSON.stringify(files),
    });
    const startedAt = stage.clock.now();
    waited = await stage.wait(handOver(deployed));
    for (const { service, seconds } of waited.verdicts) {
      await stage.clock.sleep(1_000);
      lateMs.push(startedAt + seconds * 1_000 - (await stage.finishedAt(service)));
    }
  }, 60_000);

  test('are deployed in at most 1.2 times what registering sixty revisions takes at least', () => {
    expect(deployed.deployments).toHaveLength(SERVICES);
    const registrations = Array<string>(SERVICES).fill('RegisterTaskDefinition');
    expect(boundSeconds(registrations)).toBe(40);
    expect(deployed.calls.filter((call) => call === 'RegisterTaskDefinition')).toHaveLength(SERVICES);
    expect(deployed.tookMs / 1_000).toBeLessThanOrEqual(1.2 * 40);
  });

  test('are green at most 5 s late, with at most one call a second and service', () => {
    expect(waited.verdicts.map(({ verdict }) => verdict)).toEqual(names.map(() => 'succeeded'));
    expect(Math.max(...lateMs)).toBeLessThanOrEqual(5_000);
    expect(waited.calls.length).toBeLessThanOrEqual((waited.tookMs / 1_000) * SERVICES);
  });
});
