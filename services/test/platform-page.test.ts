import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parsePlatform } from '../../scripts/platform-diagrams.ts';
import { matchesSubject } from '../lib/bus.ts';
import { descriptions } from './descriptions.ts';

const SERVICES = join(import.meta.dirname, '..');
const ROOT = join(SERVICES, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const platform = parsePlatform(read('docs/platform.md'));

/** The subjects of events that a service names in its own files, and in the part of lib that tells positions for it. */
function subjectsIn(name: string): string[] {
  const own = globSync('*.ts', { cwd: join(SERVICES, name) }).map((file) => read(`services/${name}/${file}`));
  const told = own.some((text) => text.includes('createLocations('))
    ? [read('services/lib/locations.ts')]
    : [];
  const texts = [...own, ...told].join('\n');
  return [
    ...new Set([...texts.matchAll(/['`]([a-z_]+\.[a-z_]+\.v\d+)/g)].map(([, subject = '']) => subject)),
  ];
}

describe('docs/platform.md', () => {
  test('has every service with its port and schema', () => {
    const described = descriptions.map(({ name, config, portVariable, schema }) => ({
      name,
      port: (config.properties[portVariable] as { default?: unknown } | undefined)?.default,
      schema,
    }));
    const listed = platform.map(({ name, port, schema }) => ({ name, port, schema }));
    expect(listed.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(
      described.toSorted((a, b) => a.name.localeCompare(b.name)),
    );
  });

  test.each(platform)('tells of $name every event that it knows, and no other', ({ name, tells, hears }) => {
    const subjects = subjectsIn(name);
    const listed = [...tells, ...hears];
    expect(subjects.filter((subject) => !listed.some((one) => matchesSubject(one, subject)))).toEqual([]);
    expect(tells.filter((subject) => !subjects.includes(subject))).toEqual([]);
    const isHeard = (pattern: string) =>
      subjects.includes(pattern) ||
      globSync('*.ts', { cwd: join(SERVICES, name) }).some((file) =>
        read(`services/${name}/${file}`).includes(`'${pattern}'`),
      );
    expect(hears.filter((pattern) => !isHeard(pattern))).toEqual([]);
  });

  test('lets every event be heard that is told, and told that is heard', () => {
    const told = platform.flatMap(({ tells }) => tells);
    const heard = platform.flatMap(({ hears }) => hears);
    expect(told.filter((subject) => !heard.some((one) => matchesSubject(one, subject)))).toEqual([]);
    expect(heard.filter((one) => !told.some((subject) => matchesSubject(one, subject)))).toEqual([]);
  });
});

test('docs/platform-mapping.md names only what is there', () => {
  const rows = read('docs/platform-mapping.md')
    .split('\n')
    .filter((line) => /^\| (?!The seed says|---)/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  const places = rows.map((row) => /\| `([^`]+)` \|$/.exec(row)?.[1] ?? row);
  expect(places.filter((place) => !existsSync(join(ROOT, place)))).toEqual([]);
});
