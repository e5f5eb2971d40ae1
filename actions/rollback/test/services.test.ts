import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../core/src/github/inputs.ts';
import { loadManifest } from '../../core/src/load-manifest.ts';
import { environmentOf, servicesOf } from '../../core/src/manifest.ts';
import { taskDefinitionArn } from '../../core/test/decide/readings.ts';
import { inputs } from '../src/inputs.ts';
import { chooseServices, inReverseWaves } from '../src/services.ts';

const manifest = loadManifest(
  `
version: 1
environments:
  prod: { account: "123456789012", region: us-east-1, cluster: shop-prod }
services:
  web: { needs: [api] }
  api: { needs: [db] }
  db: {}
  jobs: {}
`,
  'berth.yaml',
);
const item = (service: string, wave?: number) => ({
  service,
  cluster: 'shop',
  serviceName: service,
  serviceDeploymentArn: null,
  taskDefinitionArn: taskDefinitionArn(1),
  changed: false,
  ...(wave === undefined ? {} : { wave }),
});

function choose(given: Record<string, string>, names: string[] = []) {
  const target = given.environment
    ? { manifest, environment: environmentOf(manifest, 'prod'), services: servicesOf(manifest, names) }
    : { services: [] };
  const read = readInputs(inputs, (name) => given[name] ?? '');
  return chooseServices(read, { ...target, region: undefined, access: {} });
}
const order = (services: ReturnType<typeof choose>) =>
  inReverseWaves(services.map((wanted) => ({ wanted }))).map((wave) =>
    wave.map(({ wanted }) => wanted.service).sort(),
  );

describe('the services to roll back', () => {
  test('go back in the reverse order of their needs', () => {
    expect(order(choose({ environment: 'prod' }))).toEqual([['web'], ['api'], ['db', 'jobs']]);
  });

  test('keep that order when one between them is not chosen', () => {
    expect(order(choose({ environment: 'prod' }, ['web', 'db']))).toEqual([['web'], ['db']]);
  });

  test('of a run go back by their waves', () => {
    const deployments = JSON.stringify([item('db', 0), item('jobs', 0), item('api', 1)]);
    expect(order(choose({ deployments }))).toEqual([['api'], ['db', 'jobs']]);
  });

  test('of a run without waves go back one by one, the last first', () => {
    expect(order(choose({ deployments: JSON.stringify([item('db'), item('api')]) }))).toEqual([
      ['api'],
      ['db'],
    ]);
  });

  test('are one when a revision is named', () => {
    expect(() => choose({ environment: 'prod', to: 'web:1' })).toThrow(
      /"to" names one revision, but 4 services are chosen/,
    );
    expect(choose({ cluster: 'shop', service: 'web', to: 'web:1' })).toMatchObject([
      { service: 'web', cluster: 'shop', wave: 0 },
    ]);
  });
});
