import { randomBytes } from 'node:crypto';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeSelfSigned } from '../../aws/elbv2/tls/self-signed.ts';
import { type LocalAws, startLocalAws } from '../../aws/local-aws.ts';
import { createLocalBackend } from '../../terraform/local-backend/local-backend.ts';
import { openRecordedStacks } from '../../terraform/recording/recorded-stack.ts';
import { writeRecording } from '../../terraform/recording/recording.ts';
import type { Stack } from '../../terraform/stack.ts';
import { test as testOfTerraform } from '../../terraform/test/needs-terraform.ts';
import { SERVICES } from '../caller.ts';
import { ADMINISTRATOR_SECRET, administratorClients, type Clients } from '../clients.ts';
import { type RecordedPlans, readRecordedPlans, recordPlans } from '../recorded-plans.ts';
import { describeServing } from '../serving.ts';
import { takeDown } from '../take-down.ts';

const stackNames = ['bootstrap', 'foundation', 'services'] as const;

testOfTerraform(
  'the recorded plans are what Terraform asks for today; else run node local/demo/record-plans.ts',
  async () => {
    const [committed, today] = [await readRecordedPlans(), await recordPlans()];
    for (const name of stackNames) expect(linesOf(today, name)).toEqual(linesOf(committed, name));
  },
);

/** Whatever the order in which Terraform walks. */
function linesOf(plans: RecordedPlans, name: (typeof stackNames)[number]): string[] {
  const { calls, outputs } = JSON.parse(writeRecording(plans[name])) as {
    calls: unknown[];
    outputs: unknown;
  };
  return [...calls.map((call) => JSON.stringify(call)).sort(), JSON.stringify(outputs)];
}

describe('without Terraform', () => {
  let aws: LocalAws;
  let clients: Clients;
  let backend: ReturnType<typeof createLocalBackend>;
  let stacks: Record<(typeof stackNames)[number], Stack>;

  beforeAll(async () => {
    aws = await startLocalAws({ timeScale: 0.05 });
    const { endpoint, accountId, region } = aws;
    clients = administratorClients(endpoint, accountId, region);
    const credentials = { accessKeyId: accountId, secretAccessKey: ADMINISTRATOR_SECRET };
    backend = createLocalBackend({ endpoint, credentials });
    stacks = openRecordedStacks(await readRecordedPlans(), backend);
  });
  afterAll(async () => {
    backend?.close();
    await aws?.stop();
  });

  test('the ground is made of the recorded plans, and leaves nothing', async () => {
    const { certificatePem, privateKeyPem } = makeSelfSigned(['127.0.0.1'], Date.now(), randomBytes(8));
    await put('/prod/tls/certificate', certificatePem);
    await put('/prod/tls/private-key', privateKeyPem);
    for (const service of SERVICES)
      await put(`/prod/${service}/image`, `${aws.registry}/shop/${service}@sha256:${'c'.repeat(64)}`);
    for (const name of stackNames) await stacks[name].apply();
    const cluster = await stacks.foundation.output<{ name: string }>('cluster');
    expect(await describeServing(clients, cluster.name, 'email-api')).toBe(
      'shop-prod-email-api:1 (sha256:cccccccc)',
    );
    const { prod } = await stacks.bootstrap.output<Record<string, { bucket: string }>>('backend');
    const made = await Promise.all(stackNames.map((name) => stacks[name].count()));
    expect(await takeDown({ stacks, stateBucket: prod?.bucket ?? '' }, clients)).toEqual({
      destroyed: made.reduce((sum, count) => sum + count, 0),
      left: [],
    });
  });

  async function put(Name: string, Value: string): Promise<void> {
    await clients.ssm.send(new PutParameterCommand({ Name, Type: 'String', Value }));
  }
});
