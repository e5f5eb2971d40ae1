import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { closeAnswering, openAskedPair, updatesOf } from './smoke-stage.ts';
import { closeStages, handOver } from './stage.ts';

afterAll(closeStages);
afterEach(closeAnswering);

describe('between two waves', () => {
  test('what others need is asked, once, and what nobody needs is left to a later step', async () => {
    const stage = await openAskedPair(200, 200);
    await stage.open('ui', '1');
    stage.manifest({
      web: { needs: ['api'], smoke: 'web.yaml' },
      api: { smoke: 'api.yaml' },
      ui: { needs: ['web', 'api'], smoke: 'ui.yaml' },
    });
    copyFileSync(join(stage.workspace, 'api.yaml'), join(stage.workspace, 'ui.yaml'));
    const { failure, deployments } = await stage.deployAll(['web', 'api', 'ui']);
    expect(failure).toBeUndefined();
    expect(deployments.map(({ service }) => service)).toEqual(['api', 'web', 'ui']);
    const groups = stage.deps.log.lines.filter((line) => line.startsWith('group: Smoke test'));
    expect(groups).toEqual(['group: Smoke test api', 'group: Smoke test web']);
  });

  test('nothing is deployed on a service that answers wrongly; it is marked, and the rollback knows it', async () => {
    const stage = await openAskedPair(500, 200);
    const deployed = await stage.deployAll(['web', 'api']);
    expect(deployed.failure).toMatch(
      /^Smoke test: 1 of 1 checks did not pass \(api\)\. .* Not deployed, because they come after it: web\.$/,
    );
    expect(deployed.deployments).toMatchObject([{ service: 'api', changed: true }]);
    expect(stage.sent('TagResource')).toMatchObject([
      { resourceArn: expect.stringMatching(/api:2$/), tags: [{ key: 'known-bad' }] },
    ]);
    await stage.rollback(handOver(deployed));
    expect(updatesOf(stage)).toEqual(['api api:2', 'api api:1']);
  });
});

describe('smoke files', () => {
  test.each([
    ['api', 'version: 1', /api\.yaml has 1 fault/],
    ['web', 'version: 1', /web\.yaml has 1 fault/],
    [
      'api',
      'version: 1\nchecks: [{ name: home, get: "${{ secrets.BASE }}/" }]',
      /has no value\. Give it by the input "secrets": BASE=/,
    ],
  ])('with a fault end the run before AWS is asked: %s, %s', async (name, text, message) => {
    const stage = await openAskedPair(200, 200);
    writeFileSync(join(stage.workspace, `${name}.yaml`), text);
    await expect(stage.deployAll(['web', 'api'])).rejects.toThrow(message);
    expect(stage.sent('DescribeServices')).toEqual([]);
  });

  test('that are asked by a later step may have their values there', async () => {
    const stage = await openAskedPair(200, 200);
    writeFileSync(
      join(stage.workspace, 'web.yaml'),
      'version: 1\nchecks: [{ name: home, get: "${{ secrets.BASE }}/" }]',
    );
    expect((await stage.deployAll(['web', 'api'])).failure).toBeUndefined();
  });

  test('get their values from the inputs', async () => {
    const stage = await openAskedPair(200, 200);
    const [base] = /http:[^"]+/.exec(readFileSync(join(stage.workspace, 'api.yaml'), 'utf8')) ?? [];
    writeFileSync(
      join(stage.workspace, 'api.yaml'),
      'version: 1\nchecks: [{ name: home, get: "${{ base }}/", headers: { a: "${{ secrets.TOKEN }}" } }]',
    );
    const given = { variables: `base=${base}`, secrets: 'TOKEN=hunter2' };
    expect((await stage.deployAll(['web', 'api'], given)).failure).toBeUndefined();
    expect(stage.deps.log.masked).toContain('hunter2');
  });
});
