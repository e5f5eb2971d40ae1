import { describe, expect, test } from '@jest/globals';
import { type InputsOf, readInputs } from '../../core/src/github/inputs.ts';
import { loadManifest } from '../../core/src/load-manifest.ts';
import { assertOneSubject, planBuild } from '../src/build-plan.ts';
import { inputs } from '../src/inputs.ts';

const entry = { context: 'svc', dockerfile: 'docker/api', args: { SERVICE: 'api', V: '1' } };
const prod = { account: '210987654321', region: 'eu-west-1', cluster: 'shop-prod' };
const load = (registry?: object) =>
  loadManifest(
    JSON.stringify({
      version: 1,
      ...(registry && { registry }),
      environments: { prod },
      services: { api: entry },
    }),
    'berth.yaml',
  );
const given = (texts: Record<string, string>): InputsOf<typeof inputs> =>
  readInputs(inputs, (name) => texts[name] ?? '');
const github = { repository: 'acme/shop', sha: 'abc', serverUrl: 'https://github.com' };

describe('planBuild', () => {
  test('takes a service from the manifest, with more arguments over its own', () => {
    const manifest = load({ account: '123456789012', region: 'us-east-1', prefix: 'shop' });
    const plan = planBuild(
      given({ service: 'api', tag: 'src-1', 'build-args': 'V=2\nW=3' }),
      manifest,
      undefined,
      github,
    );
    expect(plan).toEqual({
      repository: 'shop/api',
      registryId: '123456789012',
      region: 'us-east-1',
      tag: 'src-1',
      context: 'svc',
      dockerfile: 'docker/api',
      args: { SERVICE: 'api', V: '2', W: '3' },
      labels: {
        'org.opencontainers.image.revision': 'abc',
        'org.opencontainers.image.source': 'https://github.com/acme/shop',
      },
    });
  });

  test("takes the environment's account where the manifest names no registry", () => {
    const manifest = load();
    const plan = planBuild(given({ service: 'api' }), manifest, manifest.environments.prod, github);
    expect(plan).toMatchObject({
      repository: 'api',
      registryId: '210987654321',
      region: 'eu-west-1',
      tag: 'sha-abc',
    });
  });

  test('says what is missing when nothing tells where the registry is', () => {
    expect(() => planBuild(given({ service: 'api' }), load(), undefined, github)).toThrow(
      'Nothing says where the image of "api" goes: add `registry:',
    );
  });

  test('needs no manifest for a repository', () => {
    const plan = planBuild(
      given({ repository: 'shop/web', context: 'web', region: 'us-west-2' }),
      undefined,
      undefined,
      github,
    );
    expect(plan).toMatchObject({
      repository: 'shop/web',
      registryId: undefined,
      region: 'us-west-2',
      dockerfile: 'web/Dockerfile',
    });
  });

  test.each([
    [{}, 'neither is given'],
    [{ service: 'api', repository: 'x' }, 'both are given'],
  ])('refuses %j as the subject', (texts, expected) => {
    expect(() => assertOneSubject(given(texts))).toThrow(expected);
  });
});
