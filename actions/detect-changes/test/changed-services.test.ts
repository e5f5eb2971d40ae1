import { describe, expect, test } from '@jest/globals';
import { loadManifest } from '../../core/src/load-manifest.ts';
import { decideChangedServices } from '../src/changed-services.ts';

const services = {
  store: { context: 'store' },
  api: { context: 'api', needs: ['store'], smoke: 'smoke/api.yaml', 'task-definition': './ecs/api.json' },
  web: { context: 'web', needs: ['api'], dockerfile: 'docker/web' },
};
const load = (change: object) =>
  loadManifest(JSON.stringify({ version: 1, services, ...change }), 'berth.yaml');
const now = load({});

describe('decideChangedServices', () => {
  test.each([
    ['nothing of ours', ['README.md'], {}],
    ['a source file', ['web/a.ts'], { web: 'web/a.ts' }],
    ['two files', ['web/a.ts', 'web/b.ts'], { web: 'web/a.ts and 1 more file' }],
    ['a Dockerfile outside the context', ['docker/web'], { web: 'docker/web' }],
    ['a hidden file', ['web/.env'], { web: 'web/.env' }],
    ['a smoke file', ['smoke/api.yaml'], { api: 'smoke/api.yaml', web: 'needs api' }],
    ['a task definition', ['ecs/api.json'], { api: 'ecs/api.json', web: 'needs api' }],
    ['what others need', ['store/x'], { store: 'store/x', api: 'needs store', web: 'needs api' }],
    ['a name that only begins alike', ['webshop/a.ts'], {}],
  ])('finds the services of %s', (_, files, expected) => {
    expect(Object.fromEntries(decideChangedServices(now, now, files))).toEqual(expected);
  });

  test('finds a service whose entry changed, and a new one', () => {
    const { web, ...others } = services;
    const before = load({ services: { ...others, store: { context: 'store', args: { V: '1' } } } });
    expect(Object.fromEntries(decideChangedServices(now, before, ['berth.yaml']))).toEqual({
      store: 'its entry in berth.yaml',
      api: 'needs store',
      web: 'new in berth.yaml',
    });
  });

  test('finds all when registry or environments changed, or when there was no manifest', () => {
    const before = load({ registry: { account: '123456789012', region: 'us-east-1' } });
    expect([...decideChangedServices(now, before, []).values()]).toEqual(
      Array.from({ length: 3 }, () => 'registry or environments in berth.yaml'),
    );
    expect(decideChangedServices(now, undefined, []).size).toBe(3);
  });
});
