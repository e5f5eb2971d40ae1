import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../core/src/github/inputs.ts';
import { readTarget } from '../../core/src/github/target-inputs.ts';
import { testDeps } from '../../core/test/doubles/action-deps.ts';
import { inputs } from '../src/inputs.ts';
import { readWantedServices } from '../src/wanted-services.ts';

const MANIFEST = `
version: 1
environments:
  prod: { account: "123456789012", region: us-east-1, cluster: shop-prod }
services:
  web: { needs: [api], service: "web-{environment}", smoke: smoke/web.yaml }
  api: { needs: [db] }
  db: {}
`;
const DOCUMENT = JSON.stringify({ family: 'web', containerDefinitions: [{ name: 'web', image: 'web:1' }] });

async function readWith(given: Record<string, string>, files: Record<string, string> = {}) {
  const workspace = mkdtempSync(join(tmpdir(), 'berth-wanted-'));
  for (const [name, text] of Object.entries({ 'berth.yaml': MANIFEST, 'web.json': DOCUMENT, ...files })) {
    writeFileSync(join(workspace, name), text);
  }
  const parsed = readInputs(inputs, (name) => given[name] ?? '');
  try {
    const target = await readTarget(parsed, 'deploy', testDeps({ github: { workspace } }));
    return await readWantedServices(parsed, target, workspace);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

describe('what shall run', () => {
  test('is a document of the workspace for one service', async () => {
    expect(await readWith({ cluster: 'shop', service: 'web', 'task-definition': 'web.json' })).toMatchObject([
      {
        service: 'web',
        cluster: 'shop',
        serviceName: 'web',
        needs: [],
        wanted: { document: { family: 'web' } },
      },
    ]);
  });

  test('is a revision that exists already', async () => {
    const arn = 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:3';
    for (const taskDefinition of ['web:3', arn]) {
      expect(
        await readWith({ cluster: 'shop', service: 'web', 'task-definition': taskDefinition }),
      ).toMatchObject([{ wanted: { taskDefinition } }]);
    }
  });

  test('is taken for services of the manifest, with what they need by way of others', async () => {
    const wanted = await readWith({
      environment: 'prod',
      'task-definitions': '{"web":"web.json","db":"db:4"}',
    });
    expect(wanted).toMatchObject([
      {
        service: 'db',
        cluster: 'shop-prod',
        serviceName: 'db',
        needs: [],
        wanted: { taskDefinition: 'db:4' },
      },
      { service: 'web', serviceName: 'web-prod', needs: ['db'], smoke: 'smoke/web.yaml' },
    ]);
  });

  test('is taken for one service of the manifest', async () => {
    const wanted = await readWith({ environment: 'prod', services: 'api', 'task-definition': 'api:4' });
    expect(wanted).toMatchObject([{ service: 'api', wanted: { taskDefinition: 'api:4' } }]);
  });

  const single = { cluster: 'shop', service: 'web' };
  test.each<[string, Record<string, string>, RegExp]>([
    ['no task definition', single, /Give either "task-definition" .* or "task-definitions"/],
    ['both kinds', { ...single, 'task-definition': 'web:1', 'task-definitions': '{}' }, /Give either/],
    ['no service', { 'task-definition': 'web:1' }, /Which service\? Give "environment"/],
    [
      'a service and an environment',
      { ...single, environment: 'prod', services: 'web', 'task-definition': 'web:1' },
      /leave one way out/,
    ],
    [
      'one task definition for all services',
      { environment: 'prod', 'task-definition': 'web:1' },
      /is for one service, but 3 are chosen/,
    ],
    ['several without an environment', { 'task-definitions': '{"web":"web:1"}' }, /needs "environment"/],
    [
      'a service that is not there',
      { environment: 'prod', 'task-definitions': '{"wep":"web:1"}' },
      /names "wep", which is not chosen\. Did you mean "web"\?/,
    ],
    [
      'a file that is not there',
      { ...single, 'task-definition': 'no.json' },
      /no\.json cannot be read \(ENOENT\)\. Expected a JSON file/,
    ],
  ])('is refused for %s', async (_title, given, message) => {
    await expect(readWith(given)).rejects.toThrow(message);
  });

  test.each<[string, string, RegExp]>([
    ['no JSON', '{', /x\.json is not JSON: /],
    ['no object', '[]', /x\.json is JSON, but not an object/],
    ['no family', '{}', /x\.json has no "family"/],
    ['no containers', '{"family":"web"}', /has no "containerDefinitions"/],
  ])('is refused for a file with %s', async (_title, text, message) => {
    await expect(readWith({ ...single, 'task-definition': 'x.json' }, { 'x.json': text })).rejects.toThrow(
      message,
    );
  });
});
