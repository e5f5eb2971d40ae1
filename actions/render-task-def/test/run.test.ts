import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import nock from 'nock';
import { type Driven, driveAction } from '../../core/test/doubles/action-drive.ts';
import { answerAws } from '../../core/test/doubles/aws-answers.ts';
import { reachNockOnly } from '../../core/test/doubles/nock-only.ts';
import { inputs, outputs } from '../src/inputs.ts';
import { run } from '../src/run.ts';

// Node's http module outlives a test file: two files' nocks in one worker would answer twice.
reachNockOnly();

const digest = `sha256:${'a1'.repeat(32)}`;
const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const manifest = `version: 1
registry: { account: "123456789012", region: us-east-1, prefix: shop }
environments: { prod: { account: "123456789012", region: eu-west-1, cluster: shop-prod } }
services:
  api: { task-definition: "ssm:/{environment}/api/task-definition", needs: [store] }
  store: { task-definition: ecs/store.yaml, container: main }
  bare: {}
`;
const apiTemplate = { family: 'api', futureField: 1, containerDefinitions: [{ name: 'api', image: 'none' }] };

let folder = '';
/** The output folder lies in RUNNER_TEMP, which the drive keeps while the test reads it. */
const drive = (given: Record<string, string>): Promise<Driven> =>
  driveAction(
    { inputs, outputs, run },
    {
      inputs: given,
      env: {
        GITHUB_WORKSPACE: folder,
        RUNNER_TEMP: folder,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret-of-nobody',
      },
    },
  );
const rendered = (path = ''): unknown => JSON.parse(readFileSync(path, 'utf8'));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-render-'));
  mkdirSync(join(folder, 'ecs'));
  writeFileSync(join(folder, 'berth.yaml'), manifest);
  writeFileSync(
    join(folder, 'ecs', 'store.yaml'),
    'family: store\ncontainerDefinitions: [{ name: main, image: none }]\n',
  );
  answerAws('https://api.ecr.us-east-1.amazonaws.com', {
    DescribeRepositories: ({ repositoryNames }) => {
      const [name] = repositoryNames as string[];
      return { repositories: [{ repositoryName: name, repositoryUri: `${host}/${name}` }] };
    },
    DescribeImages: ({ imageIds }) =>
      (imageIds as { imageTag: string }[])[0]?.imageTag === 'src-1'
        ? { imageDetails: [{ imageDigest: digest }] }
        : { fault: 'ImageNotFoundException' },
  });
  answerAws('https://ssm.eu-west-1.amazonaws.com', {
    GetParameter: ({ Name }) =>
      Name === '/prod/api/task-definition'
        ? { Parameter: { Value: JSON.stringify(apiTemplate) } }
        : { fault: 'ParameterNotFound' },
  });
  answerAws('https://ecs.eu-west-1.amazonaws.com', {
    DescribeTaskDefinition: ({ taskDefinition }) =>
      taskDefinition === 'api'
        ? {
            taskDefinition: {
              ...apiTemplate,
              brandNewField: { mode: '' },
              taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/api:3',
              revision: 3,
              registeredAt: 1,
            },
          }
        : { fault: 'ClientException', message: 'Unable to describe task definition.' },
    ListTaskDefinitionFamilies: () => ({ families: ['api', 'store'] }),
  });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('render-task-def', () => {
  test('renders the services of an environment, each tag as the digest ECR has', async () => {
    const services = JSON.stringify([
      { name: 'api', tag: 'src-1', context: '.' },
      { name: 'store', tag: 'src-1' },
    ]);
    const driven = await drive({ environment: 'prod', services, 'environment-variables': 'MODE=live' });
    expect(driven.stdout).not.toContain('::error');
    const paths = JSON.parse(driven.outputs['task-definitions'] ?? '');
    expect(Object.keys(paths)).toEqual(['store', 'api']);
    const environment = [{ name: 'MODE', value: 'live' }];
    expect(rendered(paths.api)).toEqual({
      ...apiTemplate,
      containerDefinitions: [{ name: 'api', image: `${host}/shop/api@${digest}`, environment }],
    });
    expect(rendered(paths.store)).toEqual({
      family: 'store',
      containerDefinitions: [{ name: 'main', image: `${host}/shop/store@${digest}`, environment }],
    });
    expect(driven.outputs['task-definition']).toBe('');
    expect(driven.summary).toContain(
      `| api | ssm:/prod/api/task-definition | api | ${host}/shop/api@${digest} |`,
    );
  });

  test('renders one registered template, without what only ECS writes', async () => {
    const image = `${host}/shop/api@${digest}`;
    const driven = await drive({ 'task-definition': 'api', images: `api=${image}` });
    expect(rendered(driven.outputs['task-definition'])).toMatchObject({
      family: 'api',
      containerDefinitions: [{ name: 'api', image }],
    });
    expect(rendered(driven.outputs['task-definition'])).not.toHaveProperty('revision');
    expect(driven.stdout).toContain('left out what only ECS writes: ');
    expect(JSON.parse(driven.outputs['task-definitions'] ?? '')).toEqual({
      api: driven.outputs['task-definition'],
    });
  });

  test('keeps fields of a registered template that are newer than the SDK', async () => {
    const driven = await drive({ 'task-definition': 'api', overrides: 'cpu: 512' });
    expect(rendered(driven.outputs['task-definition'])).toEqual({
      ...apiTemplate,
      brandNewField: { mode: '' },
      cpu: '512',
    });
    expect(driven.stdout).toContain(
      '::warning::api: futureField is no field that this version of the SDK knows',
    );
    expect(driven.stdout).toContain('api: cpu overridden');
  });

  test('overrides services of an environment by their names, or by a file for each', async () => {
    const services = JSON.stringify([
      { name: 'api', tag: 'src-1' },
      { name: 'store', tag: 'src-1' },
    ]);
    writeFileSync(join(folder, 'ecs', 'store.prod.yaml'), 'memory: 1024\n');
    for (const [overrides, expected] of [
      [
        'api: { memory: 512 }\nstore: { containers: { main: { user: app } } }',
        { api: '512', store: undefined },
      ],
      ['ecs/{service}.{environment}.yaml', { api: undefined, store: '1024' }],
    ] as const) {
      const driven = await drive({ environment: 'prod', services, overrides });
      const paths = JSON.parse(driven.outputs['task-definitions'] ?? '');
      const memoryOf = (name: string) => (rendered(paths[name]) as { memory?: string }).memory;
      expect({ api: memoryOf('api'), store: memoryOf('store') }).toEqual(expected);
    }
  });

  test('asks ECR for nothing when a template is wrong', async () => {
    nock.cleanAll();
    writeFileSync(
      join(folder, 'ecs', 'store.yaml'),
      'family: store\ncontainerDefinitions: [{ name: main, cpu: x }]\n',
    );
    const driven = await drive({ environment: 'prod', services: '[{"name":"store","tag":"src-1"}]' });
    expect(driven).toMatchObject({ failed: true, outputs: {} });
    expect(driven.stdout).toMatch(
      /::error file=ecs\/store\.yaml,line=2::ecs\/store\.yaml is not what ECS takes:%0A {2}ecs\/store\.yaml:2:\d+ {2}containerDefinitions\.main\.cpu is "x": expected a number/,
    );
  });

  test('renders nothing when no service is given', async () => {
    const driven = await drive({ environment: 'prod', services: '[]' });
    expect(driven).toMatchObject({
      failed: false,
      outputs: { 'task-definition': '', 'task-definitions': '{}' },
    });
  });

  test.each([
    ['neither way', {}, 'Give "environment" and "services"'],
    ['both ways', { environment: 'prod', services: '[]', 'task-definition': 'api' }, 'both are given'],
    ['an environment without services', { environment: 'prod' }, '"environment" needs "services"'],
    [
      'services of another shape',
      { environment: 'prod', services: '["api"]' },
      'expected the JSON list that detect-changes gives',
    ],
    [
      'an image by tag',
      { 'task-definition': 'api', images: 'api=nginx:1' },
      'expected an image by digest, repository@sha256:',
    ],
    [
      'an unknown family',
      { 'task-definition': 'apu' },
      'There is no active task definition "apu" in eu-west-1. Did you mean "api"?',
    ],
    [
      'an unknown parameter',
      { 'task-definition': 'ssm:/prod/x' },
      'There is no SSM parameter /prod/x in eu-west-1',
    ],
    ['a missing file', { 'task-definition': 'ecs/x.json' }, 'There is no ecs/x.json in the workspace'],
    [
      'a missing file of overrides',
      { 'task-definition': 'api', overrides: 'ecs/x.yaml' },
      'There is no ecs/x.yaml in the workspace; the input "overrides" names it',
    ],
    [
      'overrides of a service that is not rendered',
      { environment: 'prod', services: '[{"name":"api","tag":"src-1"}]', overrides: 'apu: { cpu: 1 }' },
      '"overrides" names the service "apu", which "services" does not have. Did you mean "api"?',
    ],
    [
      'images of another form',
      { 'task-definition': 'api', images: 'nginx' },
      'expected container=repository@sha256:… on each line',
    ],
    [
      'a service without a template',
      { environment: 'prod', services: '[{"name":"bare","tag":"src-1"}]' },
      'berth.yaml names no "task-definition" for bare',
    ],
    [
      'a tag that ECR has not',
      { environment: 'prod', services: '[{"name":"api","tag":"src-2"}]' },
      'shop/api in us-east-1 has no image with the tag src-2: run build-and-push for "api" first',
    ],
  ])('refuses %s in one sentence', async (_, given, expected) => {
    const driven = await drive(given);
    expect(driven).toMatchObject({ failed: true, outputs: {} });
    expect(driven.stdout).toContain(expected);
  });
});
