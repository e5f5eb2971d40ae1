import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeServicesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { deployService } from '../../actions/deploy-service/src/run.ts';
import { closeStages, openStage, type Stage, taskDefinition } from './stage.ts';

afterAll(closeStages);

const CRASH = 'pulls in 1 s, runs, dies with 3 at 1.1 s';
const count = (calls: string[], name: string) => calls.filter((call) => call === name).length;

async function openWeb(behaviours = {}): Promise<Stage> {
  const stage = await openStage(behaviours);
  await stage.open('web', '1');
  return stage;
}

/** A manifest of services without sources, `needs` as given. */
function writeManifest(stage: Stage, needs: Record<string, string[]>): void {
  const services = Object.entries(needs).map(
    ([name, needed]) => `  ${name}: { needs: [${needed.join(', ')}] }`,
  );
  const environment = '  prod: { account: "123456789012", region: us-east-1, cluster: shop }';
  const text = ['version: 1', 'environments:', environment, 'services:', ...services, ''].join('\n');
  writeFileSync(join(stage.workspace, 'berth.yaml'), text);
  for (const name of Object.keys(needs)) {
    writeFileSync(join(stage.workspace, `${name}.json`), JSON.stringify(taskDefinition(name, '2')));
  }
}

function deployAll(stage: Stage, names: string[], inputs: Record<string, string> = {}) {
  const files = JSON.stringify(Object.fromEntries(names.map((name) => [name, `${name}.json`])));
  return stage.step(deployService, { environment: 'prod', 'task-definitions': files, ...inputs });
}

describe('deploy-service beside a whole ECS', () => {
  test('registers once, updates once and finds its service deployment in eight calls', async () => {
    const stage = await openWeb();
    const deployed = await stage.deploy('web', '2');
    expect(deployed.calls).toEqual([
      'DescribeServices',
      'ListServiceDeployments',
      'DescribeTaskDefinition',
      'DescribeTaskDefinition',
      'RegisterTaskDefinition',
      'UpdateService',
      'ListServiceDeployments',
      'DescribeServiceRevisions',
    ]);
    expect(deployed.deployments).toMatchObject([
      {
        service: 'web',
        serviceName: 'web',
        serviceDeploymentArn: await stage.newestArn('web'),
        taskDefinitionArn: expect.stringMatching(/web:2$/),
        previousTaskDefinitionArn: expect.stringMatching(/web:1$/),
        changed: true,
        desiredCountBefore: 2,
        wave: 0,
      },
    ]);
    expect(deployed.outputs['service-deployment-arn']).toBe(deployed.deployments[0]?.serviceDeploymentArn);
    expect(deployed.tookMs).toBe(0);
  });

  test('leaves desired count, network and load balancers as they are', async () => {
    const stage = await openWeb();
    await stage.client.send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', desiredCount: 5 }));
    const read = async () => {
      const answer = await stage.client.send(
        new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }),
      );
      const { desiredCount, networkConfiguration, loadBalancers, deploymentConfiguration } =
        answer.services?.[0] ?? {};
      return { desiredCount, networkConfiguration, loadBalancers, deploymentConfiguration };
    };
    const before = await read();
    await stage.deploy('web', '2');
    expect(await read()).toEqual(before);
    expect(before.desiredCount).toBe(5);
  });

  test('writes nothing for content that the service runs', async () => {
    const stage = await openWeb();
    const deployed = await stage.deploy('web', '1');
    expect(deployed.deployments).toMatchObject([{ changed: false, serviceDeploymentArn: null }]);
    expect(deployed.outputs.changed).toBe(false);
    expect(count(deployed.calls, 'UpdateService') + count(deployed.calls, 'RegisterTaskDefinition')).toBe(0);
  });

  test('does not register content again that is the newest revision', async () => {
    const stage = await openWeb();
    await stage.wait({ deployments: JSON.stringify((await stage.deploy('web', '2')).deployments) });
    await stage.rollback({ cluster: 'shop', service: 'web' });
    const again = await stage.deploy('web', '2');
    expect(count(again.calls, 'RegisterTaskDefinition')).toBe(0);
    expect(again.deployments).toMatchObject([
      { taskDefinitionArn: expect.stringMatching(/web:2$/), changed: true },
    ]);
  });

  test('forces a deployment of content whose last deployment was stopped', async () => {
    const stage = await openStage({ 'web:2': CRASH });
    await stage.open('web', '1', {
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } },
    });
    await stage.wait({ deployments: JSON.stringify((await stage.deploy('web', '2')).deployments) });
    expect((await stage.history('web'))[0]).toBe('STOPPED');
    const again = await stage.deploy('web', '2');
    expect(again.deployments).toMatchObject([
      { changed: true, serviceDeploymentArn: await stage.newestArn('web') },
    ]);
    expect(await stage.history('web')).toHaveLength(3);
  });

  test('deploys a revision that exists, by family:revision', async () => {
    const stage = await openWeb();
    await stage.wait({ deployments: JSON.stringify((await stage.deploy('web', '2')).deployments) });
    const deployed = await stage.step(deployService, {
      cluster: 'shop',
      service: 'web',
      'task-definition': 'web:1',
    });
    expect(deployed.deployments).toMatchObject([
      { taskDefinitionArn: expect.stringMatching(/web:1$/), changed: true },
    ]);
    expect(count(deployed.calls, 'RegisterTaskDefinition')).toBe(0);
  });

  test('waits for the end of another deployment, then deploys', async () => {
    const stage = await openWeb();
    await stage.deploy('web', '2');
    await stage.clock.sleep(2_000);
    const queued = await stage.deploy('web', '3');
    expect(await stage.history('web')).toEqual(['PENDING', 'SUCCESSFUL', 'SUCCESSFUL']);
    expect(queued.deployments).toMatchObject([
      { previousTaskDefinitionArn: expect.stringMatching(/web:2$/), changed: true },
    ]);
    expect(queued.tookMs).toBeGreaterThan(15_000);
    expect(queued.tookMs).toBeLessThan(25_000);
    expect(queued.calls.length).toBeLessThanOrEqual(queued.tookMs / 1_000 + 20);
  });

  test('gives up waiting when the time is up, with nothing written', async () => {
    const stage = await openWeb({ 'web:2': { startsAfterMs: 600_000 } });
    await stage.deploy('web', '2');
    await expect(stage.deploy('web', '3', { 'timeout-minutes': '1' })).rejects.toThrow(
      /still under way when the time was up\. Nothing was written/,
    );
    expect(await stage.history('web')).toHaveLength(2);
  });

  test('refuses beside another deployment, and writes nothing', async () => {
    const stage = await openWeb();
    await stage.deploy('web', '2');
    const calls = stage.calls.length;
    await expect(stage.deploy('web', '3', { 'on-running': 'refuse' })).rejects.toMatchObject({
      code: 'DEPLOYMENT_RUNNING',
      message: expect.stringMatching(/another deployment of this service is PENDING .*Nothing was written/),
    });
    expect(stage.calls.slice(calls).filter((call) => /^(Update|Register|Stop)/.test(call))).toEqual([]);
  });

  test('stops another deployment when told to, then deploys', async () => {
    const stage = await openWeb();
    await stage.deploy('web', '2');
    await stage.clock.sleep(3_000);
    const deployed = await stage.deploy('web', '3', { 'on-running': 'stop' });
    expect(await stage.history('web')).toEqual(['PENDING', 'ROLLBACK_SUCCESSFUL', 'SUCCESSFUL']);
    expect(deployed.deployments).toMatchObject([
      { previousTaskDefinitionArn: expect.stringMatching(/web:1$/) },
    ]);
  });

  test('follows a deployment that carries this content already, as a run that starts again does', async () => {
    const stage = await openWeb();
    const first = await stage.deploy('web', '2');
    const again = await stage.deploy('web', '2');
    expect(again.deployments[0]?.serviceDeploymentArn).toBe(first.deployments[0]?.serviceDeploymentArn);
    expect(again.deployments).toMatchObject([{ changed: false }]);
    expect(count(again.calls, 'UpdateService') + count(again.calls, 'RegisterTaskDefinition')).toBe(0);
  });

  test('prints the plan of a dry run and writes nothing', async () => {
    const stage = await openWeb();
    const planned = await stage.deploy('web', '2', { 'dry-run': 'true' });
    expect(planned.outputs).toMatchObject({
      deployments: [],
      plan: [{ service: 'web', steps: [{ kind: 'register' }, { kind: 'update' }] }],
    });
    expect(stage.deps.log.lines).toContain('web: update the service: to the new revision');
    expect(stage.deps.summaries).toEqual([
      expect.stringMatching(/\| web \| web:1 \| rolling \| register .*<br>update the service/),
    ]);
    expect(await stage.history('web')).toHaveLength(1);
  });

  test('deploys services that need each other in waves, each followed to success first', async () => {
    const stage = await openWeb();
    for (const name of ['api', 'jobs']) await stage.open(name, '1');
    writeManifest(stage, { web: ['api'], api: [], jobs: [] });
    const deployed = await deployAll(stage, ['web', 'api', 'jobs']);
    expect(deployed.deployments.map(({ service, wave }) => `${service} ${wave}`)).toEqual([
      'api 0',
      'jobs 0',
      'web 1',
    ]);
    expect(deployed.failure).toBeUndefined();
    expect((await stage.history('api'))[0]).toBe('SUCCESSFUL');
    expect((await stage.history('web'))[0]).toBe('PENDING');
  });

  test('does not deploy what needs a service that failed, and hands over what was deployed', async () => {
    const stage = await openWeb({ 'api:2': CRASH });
    await stage.open('api', '1');
    writeManifest(stage, { web: ['api'], api: [] });
    const deployed = await deployAll(stage, ['web', 'api']);
    expect(deployed.failure).toMatch(
      /api \(api:2\) rolled-back.*Not deployed, because they come after it: web\./,
    );
    expect(deployed.deployments.map(({ service }) => service)).toEqual(['api']);
    expect(await stage.history('web')).toHaveLength(1);
  });

  test('deploys services that do not need each other side by side', async () => {
    const stage = await openWeb();
    await stage.open('api', '1');
    writeManifest(stage, { web: [], api: [] });
    const deployed = await deployAll(stage, ['web', 'api']);
    expect(deployed.tookMs).toBe(0);
    expect(count(deployed.calls, 'DescribeServices')).toBe(1);
  });

  test('deploys only what "task-definitions" names', async () => {
    const stage = await openWeb();
    writeManifest(stage, { web: [], api: [] });
    expect((await deployAll(stage, ['web'])).deployments.map(({ service }) => service)).toEqual(['web']);
  });

  test.each([
    [
      'a service that is not there',
      { service: 'wep' },
      /Cluster "shop" in us-east-1 has no service "wep"\. Did you mean "web"\?/,
    ],
    [
      'a cluster that is not there',
      { cluster: 'shopp' },
      /There is no cluster "shopp" in us-east-1\. Did you mean "shop"\?/,
    ],
    ['a revision that is not there', { 'task-definition': 'web:9' }, /There is no task definition web:9/],
    ['a file that is not there', { 'task-definition': 'none.json' }, /none\.json cannot be read \(ENOENT\)/],
  ])('refuses %s in one line, before any write', async (_title, inputs, message) => {
    const stage = await openWeb();
    const calls = stage.calls.length;
    await expect(stage.deploy('web', '2', inputs)).rejects.toThrow(message);
    expect(stage.calls.slice(calls).filter((call) => /^(Update|Register|Stop)/.test(call))).toEqual([]);
  });
});
