import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type DeployStage, openDeployStage, WRITE } from './deploy-stage.ts';
import { closeStages, taskDefinition } from './stage.ts';

afterAll(closeStages);

const ECR = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const WEB = { cluster: 'shop', service: 'web' };
const DIGEST = `sha256:${'0'.repeat(64)}`;

async function openWeb(): Promise<DeployStage> {
  const stage = await openDeployStage();
  await stage.open('web', '1');
  stage.manifest({ web: {} });
  return stage;
}

/** Writes another task definition for the next deployment. */
function want(stage: DeployStage, change: Record<string, unknown>): void {
  const document = { ...taskDefinition('web', '2'), ...change };
  writeFileSync(join(stage.workspace, 'web.json'), JSON.stringify(document));
}

/** The message of a refused run, and the writes it has made: none. */
async function refused(stage: DeployStage, run: () => Promise<unknown>): Promise<string> {
  const before = stage.calls.length;
  const message = await run().then(
    () => 'deployed',
    (error: Error) => error.message,
  );
  expect(stage.calls.slice(before).filter((call) => WRITE.test(call))).toEqual([]);
  return message;
}

/** Answers one operation of ECS, or of ECR, by hand; the others go to the stage. */
function answering(
  stage: DeployStage,
  operation: string,
  answer: (body: unknown) => object | undefined,
): void {
  const { access } = stage.deps;
  const { requestHandler } = access({});
  if (!requestHandler || !('handle' in requestHandler)) throw new Error('the stage has a handler');
  const others = requestHandler as DeployStage['requestHandler'];
  const handle: typeof others.handle = async (request, options) => {
    if (!request.headers['x-amz-target']?.endsWith(`.${operation}`)) return others.handle(request, options);
    const answered = await others.handle(request, options).catch(() => undefined);
    const text = answered ? await new Response(answered.response.body).text() : '{}';
    const body = answer(JSON.parse(text));
    const isFault = body !== undefined && '__type' in body;
    const headers = { 'content-type': 'application/x-amz-json-1.1' };
    const bytes = new Response(JSON.stringify(body ?? {})).body;
    return { response: { statusCode: isFault ? 400 : 200, headers, body: bytes } as never };
  };
  const opened = access({});
  Object.assign(stage.deps, { access: () => ({ ...opened, requestHandler: { ...others, handle } }) });
}

describe('a deployment that cannot be is refused before any write', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    [
      'a service that is not there',
      { service: 'wep' },
      /^Cluster "shop" in us-east-1 has no service "wep"\. Did you mean "web"\?$/,
    ],
    [
      'a cluster that is not there',
      { cluster: 'shopp' },
      /^There is no cluster "shopp" in us-east-1\. Did you mean "shop"\?$/,
    ],
    [
      'a family that is not there',
      { 'task-definition': 'wep:1' },
      /^There is no task definition wep:1 in us-east-1\. Did you mean "web"\?$/,
    ],
    [
      'a revision that is not there',
      { 'task-definition': 'web:9' },
      /^There is no task definition web:9 in us-east-1\. The newest of its family is web:1\.$/,
    ],
    [
      'a file that is not there',
      { 'task-definition': 'wep.json' },
      /^The task definition wep\.json cannot be read \(ENOENT\)\. Expected a JSON file/,
    ],
  ])('%s, in one line', async (_title, inputs, expected) => {
    const stage = await openWeb();
    expect(await refused(stage, () => stage.deploy('web', '2', inputs))).toMatch(expected);
  });

  test('a service that is deleted', async () => {
    const stage = await openWeb();
    await stage.client.send(new DeleteServiceCommand({ cluster: 'shop', service: 'web', force: true }));
    await stage.clock.sleep(600_000);
    for (const run of [() => stage.deploy('web', '2'), () => stage.wait(WEB), () => stage.rollback(WEB)])
      expect(await refused(stage, run)).toBe('Service "web" is INACTIVE: it is being, or has been, deleted.');
  });

  test.each(['CODE_DEPLOY', 'EXTERNAL'])('a service of the controller %s', async (type) => {
    const stage = await openWeb();
    answering(stage, 'DescribeServices', (body) => {
      const { services = [] } = body as { services?: object[] };
      return { services: services.map((one) => ({ ...one, deploymentController: { type } })) };
    });
    for (const run of [() => stage.deploy('web', '2'), () => stage.wait(WEB), () => stage.rollback(WEB)])
      expect(await refused(stage, run)).toBe(
        `Service "web" is deployed by the controller ${type}; only services of the controller ECS can be deployed, followed and rolled back here.`,
      );
  });

  test('a task definition that is INACTIVE', async () => {
    const stage = await openWeb();
    await stage.client.send(new RegisterTaskDefinitionCommand(taskDefinition('web', '2') as never));
    await stage.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:2' }));
    const run = () => stage.deploy('web', '3', { 'task-definition': 'web:2' });
    expect(await refused(stage, run)).toMatch(/^web:2 is INACTIVE, so ECS starts no tasks from it/);
  });

  test('a task definition without the container that the load balancer sends to', async () => {
    const stage = await openWeb();
    want(stage, {
      containerDefinitions: [{ name: 'wep', image: 'web:2', portMappings: [{ containerPort: 8000 }] }],
    });
    expect(await refused(stage, () => stage.deployAll(['web']))).toBe(
      'web: the load balancer sends to container "web", which web does not have. Did you mean "wep"?\nNothing was written.',
    );
  });

  test('a task definition without the port that the load balancer sends to', async () => {
    const stage = await openWeb();
    want(stage, {
      containerDefinitions: [{ name: 'web', image: 'web:2', portMappings: [{ containerPort: 80 }] }],
    });
    expect(await refused(stage, () => stage.deployAll(['web']))).toMatch(
      /sends to port 8000 of container "web", which web does not map\. Mapped: 80\./,
    );
  });

  test('but a port that is one of a range is left to ECS', async () => {
    const stage = await openWeb();
    const range = { containerPortRange: '7999-8001' };
    want(stage, { containerDefinitions: [{ name: 'web', image: 'web:2', portMappings: [range] }] });
    const outcome = await stage.deployAll(['web']).catch((error: Error) => error.message);
    expect(outcome).not.toMatch(/does not map/);
  });

  test('a migration in a container that is not there', async () => {
    const stage = await openWeb();
    stage.manifest({ web: { migrate: { command: ['up'], container: 'wed' } } });
    expect(await refused(stage, () => stage.deployAll(['web']))).toMatch(
      /^web: the migration runs in container "wed", which web does not have\. Did you mean "web"\?/,
    );
  });

  test('an image whose digest is not in ECR', async () => {
    const stage = await openWeb();
    const image = `${ECR}/shop/web@${DIGEST}`;
    want(stage, { containerDefinitions: [{ name: 'web', image, portMappings: [{ containerPort: 8000 }] }] });
    answering(stage, 'DescribeImages', () => ({ __type: 'ImageNotFoundException' }));
    expect(await refused(stage, () => stage.deployAll(['web']))).toBe(
      `web: ECR repository "shop/web" of 123456789012 in us-east-1 has no image ${DIGEST}. Push it first, or take the digest that build-and-push gave.\nNothing was written.`,
    );
  });

  test('an image of a repository that is not there, with the near ones', async () => {
    const stage = await openWeb();
    const image = `${ECR}/shop/wep@${DIGEST}`;
    want(stage, { containerDefinitions: [{ name: 'web', image, portMappings: [{ containerPort: 8000 }] }] });
    answering(stage, 'DescribeImages', () => ({ __type: 'RepositoryNotFoundException' }));
    answering(stage, 'DescribeRepositories', () => ({ repositories: [{ repositoryName: 'shop/web' }] }));
    expect(await refused(stage, () => stage.deployAll(['web']))).toMatch(
      /there is no ECR repository "shop\/wep" of 123456789012 in us-east-1\. Did you mean "shop\/web"\?/,
    );
  });

  test('everything that is wrong with all services comes at once', async () => {
    const stage = await openWeb();
    await stage.open('api', '1');
    stage.manifest({ web: { strategy: 'canary' }, api: { migrate: { command: ['up'], container: 'apj' } } });
    const lines = (await refused(stage, () => stage.deployAll(['web', 'api']))).split('\n');
    expect(lines.map((line) => line.split(':')[0])).toEqual(['web', 'api', 'Nothing was written.']);
  });
});

describe('what cannot be known before', () => {
  test('an image that may not be looked up is said, and does not stop the deployment', async () => {
    const stage = await openWeb();
    const image = `${ECR}/shop/web@${DIGEST}`;
    want(stage, { containerDefinitions: [{ name: 'web', image, portMappings: [{ containerPort: 8000 }] }] });
    answering(stage, 'DescribeImages', () => ({ __type: 'AccessDeniedException', message: 'no' }));
    expect((await stage.deployAll(['web'])).outputs.changed).toBe(true);
    expect(stage.deps.log.lines.join('\n')).toMatch(/was not looked for: ecr:DescribeImages failed/);
  });

  test('a role that may not be passed stops the run at its first write, before any service is touched', async () => {
    const stage = await openWeb();
    await stage.open('api', '1');
    stage.manifest({ web: {}, api: { needs: ['web'] } });
    const role = 'arn:aws:iam::123456789012:role/execution';
    const message = `User: arn:aws:sts::123456789012:assumed-role/deploy/berth is not authorized to perform: iam:PassRole on resource: ${role}`;
    answering(stage, 'RegisterTaskDefinition', () => ({ __type: 'AccessDeniedException', message }));
    const before = stage.calls.length;
    await expect(stage.deployAll(['web', 'api'])).rejects.toThrow(
      /^web: its task definition was refused\. .*iam:PassRole on resource: .*role\/execution.*Allow iam:PassRole in the policy of the role this step uses\.\napi: .*\nNo service was touched\.$/,
    );
    const writes = stage.calls.slice(before).filter((call) => WRITE.test(call));
    expect(writes.filter((call) => call !== 'RegisterTaskDefinition')).toEqual([]);
  });

  test('a service beside the load balancer may have any container', async () => {
    const stage = await openWeb();
    await stage.client.send(new RegisterTaskDefinitionCommand(taskDefinition('jobs', '1') as never));
    await stage.client.send(
      new CreateServiceCommand({
        cluster: 'shop',
        serviceName: 'jobs',
        taskDefinition: 'jobs',
        desiredCount: 1,
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      }),
    );
    await stage.clock.sleep(300_000);
    stage.manifest({ jobs: {} });
    expect((await stage.deployAll(['jobs'])).outputs.changed).toBe(true);
  });
});
