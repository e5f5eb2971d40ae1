import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadManifest } from '../../actions/core/src/load-manifest.ts';
import { inNeedsOrder } from '../../actions/core/src/manifest.ts';
import { members } from '../../services/all.ts';
import { environmentOf } from '../../services/lib/composition.ts';
import { readConfig } from '../../services/lib/config.ts';
import { badOrders } from '../../services/standalone/bad-orders.ts';
import { readStandaloneFiles } from '../../services/standalone/files.ts';
import { descriptions } from '../../services/test/descriptions.ts';

const folder = join(import.meta.dirname, '../../services');
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

interface TaskDocument {
  containerDefinitions: {
    environment: { name: string; value: string }[];
    dockerLabels?: Record<string, string>;
  }[];
}

function containerIn(path: string) {
  return (JSON.parse(read(path)) as TaskDocument).containerDefinitions[0];
}

function environmentIn(path: string): Record<string, string> {
  const container = containerIn(path);
  return Object.fromEntries((container?.environment ?? []).map(({ name, value }) => [name, value]));
}

describe('the manifest of the ten', () => {
  const manifest = loadManifest(read('berth.yaml'), 'services/berth.yaml');
  const services = Object.values(manifest.services);

  test('has every service, with the files it names', () => {
    expect(Object.keys(manifest.services).toSorted()).toEqual(descriptions.map(({ name }) => name));
    const named = services.flatMap(({ taskDefinition = '', smoke }) => [
      taskDefinition,
      ...(smoke ? [smoke] : []),
    ]);
    expect(named.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  });

  test('migrates exactly those with a schema, and asks all that answer HTTP to others', () => {
    const migrating = Object.entries(manifest.services).flatMap(([name, { migrate }]) =>
      migrate ? [name] : [],
    );
    const withSchema = descriptions.flatMap(({ name, schema }) => (schema === undefined ? [] : [name]));
    expect(migrating.toSorted()).toEqual(withSchema);
    expect(services.flatMap(({ name, smoke }) => (smoke ? [] : [name]))).toEqual(['email-consumer']);
  });

  test('lets whoever migrates be carried back over a migration', () => {
    for (const { name, migrate } of services) {
      const label = containerIn(`${name}/task-definition.json`)?.dockerLabels?.['berth.schema'];
      expect([name, label]).toEqual([name, migrate ? 'any' : undefined]);
    }
  });

  test('deploys whoever is called before those that call', () => {
    const waves = inNeedsOrder(manifest.services);
    const waveOf = (name: string) => waves.findIndex((wave) => wave.includes(name));
    for (const { name } of services) {
      const urls = Object.values(environmentIn(`${name}/task-definition.json`));
      const called = urls.flatMap((url) => /^http:\/\/([a-z-]+):\d+/.exec(url)?.[1] ?? []);
      for (const one of called.filter((host) => host !== name))
        expect([name, one, waveOf(one) < waveOf(name)]).toEqual([name, one, true]);
    }
  });
});

describe('the manifest of the one process', () => {
  test('has one service, whose task definition gives each member what it needs', () => {
    const { services } = loadManifest(read('berth.all.yaml'), 'services/berth.all.yaml');
    expect(Object.keys(services)).toEqual(['all']);
    const environment = environmentIn('all/task-definition.json');
    const present = members.filter(({ onlyWith }) => onlyWith === undefined);
    const names = members.map(({ description }) => description.name);
    for (const { description } of present)
      expect(() =>
        readConfig(description.config, environmentOf({ description }, environment, names, 3000)),
      ).not.toThrow();
  });
});

test.each(badOrders)('a bad order ($name) can be made of these sources', async ({ apply }) => {
  const files = await readStandaloneFiles(folder, readFileSync(join(folder, '../package-lock.json'), 'utf8'));
  const changed = apply(files);
  expect(Object.keys(files).filter((path) => changed[path] !== files[path])).toHaveLength(1);
});
