import { writeFileSync } from 'node:fs';
import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  TagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openGround } from './ground.ts';
import { closeStages, openStage, type Stage } from './stage.ts';

afterAll(closeStages);

const CRASH = 'pulls in 1 s, runs, dies with 3 at 1.1 s';
const WEB_2 = 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:2';
const SERVICE = { cluster: 'shop', service: 'web' };
const writes = (calls: string[]) =>
  calls.filter((call) => /^(Update|Register|Stop|Tag|Deregister)/.test(call));

/** Service `web` with one successful deployment of each image, in order. */
async function openWith(images: string[], behaviours = {}): Promise<Stage> {
  const stage = await openStage(behaviours);
  const [first = '1', ...rest] = images;
  await stage.open('web', first);
  for (const image of rest) {
    const deployed = await stage.deploy('web', image);
    await stage.wait({ deployments: JSON.stringify(deployed.deployments) });
  }
  return stage;
}

async function markBad(stage: Stage, revision: string): Promise<void> {
  const { taskDefinition } = await stage.client.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: revision }),
  );
  const resourceArn = taskDefinition?.taskDefinitionArn ?? '';
  await stage.client.send(
    new TagResourceCommand({ resourceArn, tags: [{ key: 'known-bad', value: 'smoke test failed' }] }),
  );
}

describe('rollback beside a whole ECS', () => {
  test('goes back to the previous revision with one write, and follows it to success', async () => {
    const stage = await openWith(['1', '2']);
    const back = await stage.rollback(SERVICE);
    expect(back.verdicts).toMatchObject([
      { verdict: 'succeeded', green: true, taskDefinitionArn: expect.stringMatching(/web:1$/) },
    ]);
    expect(writes(back.calls)).toEqual(['UpdateService']);
    expect(await stage.running('web')).toBe('web:1');
    expect(back.failure).toBeUndefined();
    expect(back.calls.length).toBeLessThanOrEqual(back.tookMs / 1_000 + 25);
  });

  test.each([['sha:aaaaaaa'], ['before']])('goes back by %s, with one write', async (how) => {
    const stage = await openStage();
    await stage.open('web', '1');
    const deploy = async (image: string, sha: string) => {
      Object.assign(stage.deps.github, { sha });
      const { deployments } = await stage.deploy('web', image);
      await stage.wait({ deployments: JSON.stringify(deployments) });
    };
    await deploy('2', 'a'.repeat(40));
    const then = new Date(stage.clock.now() + 1_000).toISOString();
    await stage.clock.sleep(60_000);
    await deploy('3', 'b'.repeat(40));
    await deploy('4', 'c'.repeat(40));
    const back = await stage.rollback({ ...SERVICE, to: how === 'before' ? `before:${then}` : how });
    expect(back.verdicts).toMatchObject([{ verdict: 'succeeded' }]);
    expect(await stage.running('web')).toBe('web:2');
    expect(writes(back.calls)).toEqual(['UpdateService']);
  });

  test('writes nothing where what the target needs is gone', async () => {
    const stage = await openWith(['1', '2']);
    const before = stage.calls.length;
    stage.targetGroups.exists = () => false;
    const back = await stage.rollback({ ...SERVICE, 'dry-run': 'true' });
    expect(back.outputs.plan).toMatchObject([
      {
        kind: 'none',
        findings: expect.arrayContaining([expect.objectContaining({ check: 'target-group-missing' })]),
      },
    ]);
    await expect(stage.rollback(SERVICE)).rejects.toThrow('target group web does not exist');
    expect(writes(stage.calls.slice(before))).toEqual([]);
  });

  test('names the command that goes on where a rollback of several ended half-way', async () => {
    const stage = await openStage({ 'web:1': { startsAfterMs: 1_000 } });
    for (const name of ['db', 'web']) await stage.open(name, '1');
    const deployments = [];
    for (const [wave, name] of ['db', 'web'].entries()) {
      const [item] = (await stage.deploy(name, '2')).deployments;
      deployments.push({ ...item, wave });
    }
    await stage.wait({ deployments: JSON.stringify(deployments) });
    stage.runtime.start = () => {};
    const back = await stage.rollback({ deployments: JSON.stringify(deployments), 'timeout-minutes': '1' });
    expect(back.verdicts).toMatchObject([{ service: 'web', verdict: 'unknown' }]);
    expect(back.failure).toMatch(
      /Still to roll back: db\. Go on with:\n {2}npx --no-install berth rollback --cluster .*shop --service db$/,
    );
  });

  test('names the service whose call was refused, and those after it, in the command that goes on', async () => {
    const stage = await openGround();
    await stage.ship('2');
    await stage.open('db', '1');
    await stage.wait({ deployments: JSON.stringify((await stage.deploy('db', '2')).deployments) });
    writeFileSync(
      `${stage.workspace}/berth.yaml`,
      'version: 1\nenvironments: { prod: { account: "123456789012", region: us-east-1, cluster: shop } }\nservices: { web: { needs: [db] }, db: {} }\n',
    );
    stage.ground.denied.add('UpdateService');
    const back = await stage.rollback({ environment: 'prod' });
    expect(back.verdicts).toMatchObject([
      { service: 'web', verdict: 'failed', reason: expect.stringContaining('Allow ecs:UpdateService') },
    ]);
    expect(back.failure).toMatch(
      /Still to roll back: web,db\. Go on with:\n.*--environment prod --services web,db$/,
    );
    expect(await stage.running('db')).toBe('db:2');
  });

  test('keeps the desired count that autoscaling has set', async () => {
    const stage = await openWith(['1', '2']);
    await stage.client.send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', desiredCount: 5 }));
    await stage.rollback(SERVICE);
    const [reading] = await stage.describe('web');
    expect(reading?.desiredCount).toBe(5);
  });

  test('skips a revision that is marked known-bad', async () => {
    const stage = await openWith(['1', '2', '3']);
    await markBad(stage, 'web:2');
    const back = await stage.rollback(SERVICE);
    expect(await stage.running('web')).toBe('web:1');
    expect(back.outputs.plan).toMatchObject([
      { kind: 'candidate', skipped: [{ revision: 'web:2', why: 'is marked known-bad (smoke test failed)' }] },
    ]);
  });

  test('skips a revision that never deployed successfully, though its number is nearer', async () => {
    const stage = await openWith(['1', '2', '3'], { 'web:2': CRASH });
    await stage.rollback(SERVICE);
    expect(await stage.running('web')).toBe('web:1');
  });

  test('refuses a known-bad revision that is named, and writes nothing', async () => {
    const stage = await openWith(['1', '2']);
    await markBad(stage, 'web:1');
    await expect(stage.rollback({ ...SERVICE, to: 'web:1' })).rejects.toThrow(
      /web:1 is marked known-bad .*\nNothing was written\./,
    );
    expect(await stage.running('web')).toBe('web:2');
  });

  test('refuses when there is nothing to go back to', async () => {
    const stage = await openWith(['1']);
    await expect(stage.rollback(SERVICE)).rejects.toMatchObject({ code: 'ROLLBACK_NO_CANDIDATE' });
  });

  test('goes to a named revision', async () => {
    const stage = await openWith(['1', '2', '3']);
    await stage.rollback({ ...SERVICE, to: 'web:1' });
    expect(await stage.running('web')).toBe('web:1');
  });

  test('has nothing to do when the named revision runs', async () => {
    const stage = await openWith(['1', '2']);
    const back = await stage.rollback({ ...SERVICE, to: 'web:2' });
    expect(back.verdicts).toMatchObject([{ verdict: 'unchanged', green: true }]);
    expect(writes(back.calls)).toEqual([]);
  });

  test('registers a copy of an INACTIVE revision', async () => {
    const stage = await openWith(['1', '2']);
    await stage.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:1' }));
    const back = await stage.rollback(SERVICE);
    expect(writes(back.calls)).toEqual(['RegisterTaskDefinition', 'UpdateService']);
    expect(await stage.running('web')).toBe('web:3');
    const copy = await stage.client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: 'web:3', include: ['TAGS'] }),
    );
    expect(copy.taskDefinition?.containerDefinitions?.[0]?.image).toBe('web:1');
    expect(copy.tags).toContainEqual({ key: 'copied-from', value: expect.stringMatching(/web:1$/) });
  });

  test('prints the plan of a dry run and writes nothing', async () => {
    const stage = await openWith(['1', '2']);
    const planned = await stage.rollback({ ...SERVICE, 'dry-run': 'true' });
    expect(planned.outputs).toMatchObject({
      verdict: '',
      deployments: [],
      plan: [{ service: 'web', kind: 'candidate', taskDefinitionArn: expect.stringMatching(/web:1$/) }],
    });
    expect(writes(planned.calls)).toEqual([]);
    expect(stage.deps.summaries.join()).toMatch(
      /\| web \| web:2 \| from web:2 to web:1: newest .* \| .*not seen from here/,
    );
    expect(stage.deps.log.lines.join('\n')).toMatch(
      /^web: from web:2 to web:1: newest revision that deployed successfully/m,
    );
  });

  test('marks what it leaves, when a reason is given', async () => {
    const stage = await openWith(['1', '2']);
    await stage.rollback({ ...SERVICE, 'mark-known-bad': 'wrong totals' });
    const left = await stage.client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: 'web:2', include: ['TAGS'] }),
    );
    expect(left.tags).toContainEqual({
      key: 'known-bad',
      value: 'rolled back: wrong totals',
    });
  });
});

describe('rollback of what this run deployed', () => {
  test('stops a deployment that is under way', async () => {
    const stage = await openWith(['1'], { 'web:2': { startsAfterMs: 120_000 } });
    const deployed = await stage.deploy('web', '2');
    await stage.clock.sleep(5_000);
    const back = await stage.rollback({ deployments: JSON.stringify(deployed.deployments) });
    expect(back.verdicts).toMatchObject([
      {
        verdict: 'rolled-back',
        green: true,
        by: { kind: 'person' },
        taskDefinitionArn: expect.stringMatching(/web:1$/),
      },
    ]);
    expect(writes(back.calls)).toEqual(['StopServiceDeployment']);
    expect(back.failure).toBeUndefined();
  });

  test('only reports when ECS has gone back by itself', async () => {
    const stage = await openWith(['1'], { 'web:2': CRASH });
    const deployed = await stage.deploy('web', '2');
    await stage.wait({ deployments: JSON.stringify(deployed.deployments) });
    const back = await stage.rollback({ deployments: JSON.stringify(deployed.deployments) });
    expect(back.verdicts).toMatchObject([{ verdict: 'rolled-back', green: true }]);
    expect(writes(back.calls)).toEqual([]);
    expect(await stage.running('web')).toBe('web:1');
    expect(back.calls.length).toBeLessThanOrEqual(10);
  });

  test('marks what ECS has left by itself, when a reason is given', async () => {
    const stage = await openWith(['1'], { 'web:2': CRASH });
    const deployed = await stage.deploy('web', '2');
    await stage.wait({ deployments: JSON.stringify(deployed.deployments) });
    await stage.rollback({ ...SERVICE, 'mark-known-bad': 'crashes' });
    const left = await stage.client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: 'web:2', include: ['TAGS'] }),
    );
    expect(left.tags).toContainEqual({ key: 'known-bad', value: 'rolled back: crashes' });
  });

  test('follows ECS while it goes back by itself', async () => {
    const stage = await openWith(['1'], { 'web:2': CRASH });
    const deployed = await stage.deploy('web', '2');
    await stage.clock.sleep(6_000);
    const back = await stage.rollback({ deployments: JSON.stringify(deployed.deployments) });
    expect(writes(back.calls)).toEqual([]);
    expect(await stage.history('web')).toEqual(['ROLLBACK_SUCCESSFUL', 'SUCCESSFUL']);
    expect(back.verdicts).toMatchObject([{ verdict: 'rolled-back', green: true }]);
  });

  test('deploys the revision before one that succeeded and turned out bad', async () => {
    const stage = await openWith(['1']);
    const deployed = await stage.deploy('web', '2');
    await stage.wait({ deployments: JSON.stringify(deployed.deployments) });
    await markBad(stage, 'web:2');
    const back = await stage.rollback({ deployments: JSON.stringify(deployed.deployments) });
    expect(back.verdicts).toMatchObject([{ verdict: 'succeeded' }]);
    expect(back.deployments).toMatchObject([
      { service: 'web', taskDefinitionArn: expect.stringMatching(/web:1$/), changed: true },
    ]);
  });

  test('leaves a newer deployment of somebody else alone', async () => {
    const stage = await openWith(['1']);
    const ours = await stage.deploy('web', '2');
    await stage.deploy('web', '3');
    const back = await stage.rollback({ deployments: JSON.stringify(ours.deployments) });
    expect(back.verdicts).toMatchObject([{ verdict: 'superseded', green: false }]);
    expect(writes(back.calls)).toEqual([]);
  });

  test('does nothing for a service that this run did not change', async () => {
    const stage = await openWith(['1', '2']);
    const deployed = await stage.deploy('web', '2');
    const back = await stage.rollback({ deployments: JSON.stringify(deployed.deployments) });
    expect(back.verdicts).toMatchObject([{ verdict: 'unchanged', green: true }]);
    expect(await stage.running('web')).toBe('web:2');
  });

  test('goes back in the reverse order of the waves', async () => {
    const stage = await openWith(['1']);
    await stage.open('api', '1');
    const deployments = [];
    for (const [wave, name] of ['api', 'web'].entries()) {
      const { deployments: items } = await stage.deploy(name, '2');
      await stage.wait({ deployments: JSON.stringify(items) });
      deployments.push(...items.map((item) => ({ ...item, wave })));
    }
    const back = await stage.rollback({ deployments: JSON.stringify(deployments) });
    expect(back.verdicts.map(({ service, verdict }) => `${service} ${verdict}`)).toEqual([
      'web succeeded',
      'api succeeded',
    ]);
    const { deps } = stage;
    const started = deps.log.lines.filter((line) => line.includes('going back to'));
    expect(started).toEqual(['web: going back to web:1', 'api: going back to api:1']);
  });

  test('asked for by a person while a rollback runs is followed, not undone', async () => {
    const stage = await openWith(['1', '2']);
    await stage.client.send(new UpdateServiceCommand({ ...SERVICE, taskDefinition: 'web:1' }));
    const again = await stage.rollback(SERVICE);
    expect(writes(again.calls)).toEqual([]);
    expect(again.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
    expect(await stage.history('web')).toHaveLength(3);
  });

  test('started twice ends in one deployment', async () => {
    const stage = await openWith(['1', '2']);
    const deployments = JSON.stringify([
      {
        service: 'web',
        cluster: 'shop',
        serviceName: 'web',
        serviceDeploymentArn: await stage.newestArn('web'),
        taskDefinitionArn: WEB_2,
        changed: true,
      },
    ]);
    await stage.rollback({ deployments });
    const again = await stage.rollback({ deployments });
    expect(writes(again.calls)).toEqual([]);
    expect(again.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
    expect(await stage.history('web')).toHaveLength(3);
  });
});
