import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { UserError } from '../src/errors.ts';
import { loadManifest } from '../src/load-manifest.ts';
import { environmentOf, inEnvironment, repositoryNameOf, servicesOf } from '../src/manifest.ts';

const whole = `
version: 1
registry: { account: "123456789012", region: us-east-1, prefix: shop }
environments:
  prod:
    account: "123456789012"
    region: us-east-1
    cluster: shop-prod
    roles: { build: "arn:aws:iam::123456789012:role/build" }
    variables: { base: "http://shop.example" }
services:
  email-api:
    dockerfile: services/Dockerfile
    args: { SERVICE: email-api }
    paths: [services/email-api/**, services/lib/**]
    task-definition: ssm:/{environment}/email-api/task-definition
    smoke: ./smoke/email-api.yaml
    needs: [email-consumer]
  email-consumer:
    context: ./services/email-consumer/
`;

const faultsOf = (text: string): string[] => {
  try {
    loadManifest(text, 'berth.yaml');
  } catch (error) {
    if (error instanceof UserError) return error.message.split('\n').slice(1);
    throw error;
  }
  return [];
};

/** A manifest whose only service is the given one. */
const withService = (service: string): string => `version: 1\nservices:\n  api: ${service}\n`;

describe('loadManifest', () => {
  test('fills in the defaults of a service', () => {
    expect(loadManifest(whole, 'berth.yaml').services['email-consumer']).toEqual({
      name: 'email-consumer',
      context: 'services/email-consumer',
      dockerfile: 'services/email-consumer/Dockerfile',
      args: {},
      paths: ['services/email-consumer/**'],
      container: 'email-consumer',
      service: 'email-consumer',
      needs: [],
    });
  });

  test('keeps what is written, with paths made plain', () => {
    expect(loadManifest(whole, 'berth.yaml').services['email-api']).toMatchObject({
      context: '.',
      dockerfile: 'services/Dockerfile',
      smoke: 'smoke/email-api.yaml',
      taskDefinition: 'ssm:/{environment}/email-api/task-definition',
    });
  });

  test.each([
    ['a YAML syntax error', 'version: 1\nservices: [', /^ {2}berth\.yaml:2:12 {2}/],
    ['an empty file', '', /1:1 {2}the file is empty: expected a map/],
    ['another version', 'version: 2\nservices: { a: {} }', /1:10 {2}version is 2: expected 1/],
    [
      'no services',
      'version: 1\nservices: {}',
      /2:11 {2}services is a map: expected a map with at least one/,
    ],
    ['a doubled key', 'version: 1\nversion: 1\nservices: { a: {} }', /2:1 {2}Map keys must be unique/],
    [
      'an unknown key',
      withService('{ dockerfil: x }'),
      /3:10 {2}unknown key "dockerfil" in services\.api: did you mean "dockerfile"\?/,
    ],
    [
      'an unknown key like none',
      withService('{ zzz: x }'),
      /unknown key "zzz" in services\.api: known keys are context, /,
    ],
    [
      'a number where text belongs',
      withService('{ args: { PORT: 80 } }'),
      /services\.api\.args\.PORT is 80: expected a text \(put numbers in quotes\)/,
    ],
    [
      'a text where a list belongs',
      withService('{ paths: src/** }'),
      /services\.api\.paths is "src\/\*\*": expected a list of globs/,
    ],
    [
      'an unusable name',
      'version: 1\nservices: { "a b": {} }',
      /2:13 {2}the name "a b" in services is not usable/,
    ],
    [
      'an account without quotes',
      'version: 1\nenvironments: { prod: { account: 123456789012, region: us-east-1, cluster: c } }\nservices: { a: {} }',
      /account is 123456789012: expected a 12-digit AWS account number in quotes/,
    ],
    [
      'an environment without a cluster',
      'version: 1\nenvironments: { prod: { account: "123456789012", region: us-east-1 } }\nservices: { a: {} }',
      /2:23 {2}environments\.prod needs "cluster"/,
    ],
    [
      'a need that is no service',
      withService('{ needs: [apj] }'),
      /3:18 {2}services\.api needs "apj", which is not a service of this file\. Did you mean "api"\?/,
    ],
    [
      'a service that needs itself',
      withService('{ needs: [api] }'),
      /3:18 {2}needs go round: api needs api; take one of them out/,
    ],
  ])('refuses %s, with line and column', (_, text, expected) => {
    expect(faultsOf(text).join('\n')).toMatch(expected);
  });

  test('names the way round of a longer cycle', () => {
    const text = 'version: 1\nservices:\n  a: { needs: [b] }\n  b: { needs: [c] }\n  c: { needs: [a] }\n';
    expect(faultsOf(text)).toEqual([
      '  berth.yaml:3:16  needs go round: a needs b needs c needs a; take one of them out',
    ]);
  });

  test('tells all faults at once, in the order of the file', () => {
    const lines = faultsOf('versoin: 1\nservices:\n  a: { paths: 1 }\n  b: { context: 2 }\n');
    expect(lines.map((line) => line.trim().split(/\s+/)[0])).toEqual([
      'berth.yaml:1:1',
      'berth.yaml:1:1',
      'berth.yaml:3:15',
      'berth.yaml:4:17',
    ]);
  });

  test('never throws anything but a UserError, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((v) => stringify(v)),
        ),
        (text) => {
          expect(() => faultsOf(text)).not.toThrow();
        },
      ),
    );
  });
});

describe('the published schema', () => {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../berth.schema.json'), 'utf8'));

  test('describes every key a user may write', () => {
    const { registry, environment, service, strategy, breaker, alarms, pause, migrate } = schema.$defs;
    const parts = [registry, environment, service, environment.properties.roles];
    for (const part of [...parts, strategy, breaker, alarms, pause, migrate]) {
      for (const [key, rule] of Object.entries<{ description?: string }>(part.properties)) {
        expect(`${key}: ${rule.description ?? ''}`).toMatch(/^\S+: .{10,}/);
      }
    }
  });

  test('has no service key that the loader drops', () => {
    const values: Record<string, unknown> = {
      args: { A: 'x' },
      paths: ['x'],
      needs: ['b'],
      strategy: 'rolling',
      migrate: { command: ['x'] },
    };
    const keys = Object.keys(schema.$defs.service.properties);
    const service = Object.fromEntries(keys.map((key) => [key, values[key] ?? 'x']));
    const loaded = loadManifest(JSON.stringify({ version: 1, services: { a: service, b: {} } }), 'berth.yaml')
      .services.a;
    const camel = keys.map((key) => key.replace(/-(.)/g, (_, letter) => letter.toUpperCase()));
    expect(Object.keys(loaded ?? {}).sort()).toEqual(['name', ...camel].sort());
  });
});

describe('choosing', () => {
  const manifest = loadManifest(whole, 'berth.yaml');

  test('gives services in needs order, whatever order they are named in', () => {
    expect(servicesOf(manifest).map((s) => s.name)).toEqual(['email-consumer', 'email-api']);
    expect(servicesOf(manifest, ['email-api']).map((s) => s.name)).toEqual(['email-api']);
  });

  test('names the near ones for an unknown service or environment', () => {
    expect(() => servicesOf(manifest, ['email-ap'])).toThrow(
      '"email-ap" is not a service of berth.yaml. Did you mean "email-api"?',
    );
    expect(() => environmentOf(manifest, 'prd')).toThrow(
      'berth.yaml has no environment "prd". Did you mean "prod"?',
    );
    expect(() => environmentOf(manifest, 'constructor')).toThrow('no environment "constructor"');
  });

  test('puts the environment and the registry prefix where they belong', () => {
    expect(inEnvironment('ssm:/{environment}/x/{environment}', 'prod')).toBe('ssm:/prod/x/prod');
    expect(repositoryNameOf('email-api', manifest.registry)).toBe('shop/email-api');
    expect(repositoryNameOf('email-api', undefined)).toBe('email-api');
  });
});
