import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleFile, bundleAction } from '../scripts/bundle-action.ts';

const ROOT = join(import.meta.dirname, '..');
const MB = 1_000_000;
const KB = 1_000;

const actions = readdirSync(join(ROOT, 'actions')).filter((name) =>
  existsSync(join(ROOT, 'actions', name, 'action.yml')),
);
const bundles = new Map<string, BundleFile[]>();
const bundle = (name: string) => bundleAction(join(ROOT, 'actions', name, 'src', 'index.ts'), ROOT);

beforeAll(async () => {
  for (const name of actions) bundles.set(name, await bundle(name));
}, 60_000);

const filesOf = (name: string): BundleFile[] => bundles.get(name) ?? [];
const bytesOf = ({ text }: BundleFile): number => Buffer.byteLength(text);
const zippedOf = ({ text }: BundleFile): number => gzipSync(text, { level: 9 }).length;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Files a start reads before any line of ours runs: the entry, and what it imports by statement. */
function readAtStart(name: string): BundleFile[] {
  const byPath = new Map(filesOf(name).map((file) => [file.path, file]));
  const reached = new Map<string, BundleFile>();
  const visit = (path: string): void => {
    const file = byPath.get(path);
    if (!file || reached.has(path)) return;
    reached.set(path, file);
    for (const [, statement] of file.text.matchAll(/(?:^|[;}\n])import(?:\{[^}]*\}from)?"\.\/([^"]+)"/g))
      visit(statement?.startsWith('chunks/') ? statement : `chunks/${statement}`);
  };
  visit('index.js');
  return [...reached.values()];
}

/** How each service is called on the wire, so a word that its client's code cannot lack. */
const SERVICES = {
  ECS: 'AmazonEC2ContainerServiceV20141113',
  ECR: 'AmazonEC2ContainerRegistry_V20150921',
  'Elastic Load Balancing': '2015-12-01',
  'CloudWatch Logs': 'Logs_20140328',
  SSM: '"AmazonSSM"',
  STS: 'AWSSecurityTokenServiceV20110615',
};

describe.each(actions)('the bundle of %s', (name) => {
  test('is small: the entry by itself, and all files together', () => {
    const entry = filesOf(name).filter(({ path }) => path === 'index.js');
    expect(entry).toHaveLength(1);
    expect(sum(entry.map(bytesOf))).toBeLessThanOrEqual(1.5 * MB);
    expect(sum(entry.map(zippedOf))).toBeLessThanOrEqual(400 * KB);
    const [bytes, zipped] = name === 'rollback' ? [5.5 * MB, MB] : [3 * MB, 700 * KB];
    expect(sum(filesOf(name).map(bytesOf))).toBeLessThanOrEqual(bytes);
    expect(sum(filesOf(name).map(zippedOf))).toBeLessThanOrEqual(zipped);
  });

  test('reads at its start no client but that of ECS, and no second HTTP library', () => {
    const text = readAtStart(name)
      .map((file) => file.text)
      .join('\n');
    const found = Object.entries(SERVICES).flatMap(([service, word]) => (text.includes(word) ? service : []));
    expect(found.filter((service) => service !== 'ECS')).toEqual([]);
    expect({ undici: text.includes('ProxyAgent') }).toEqual({ undici: false });
    expect(readAtStart(name).length).toBeGreaterThan(5);
  });

  test('names the terms of what is in it', () => {
    const licenses = filesOf(name).find(({ path }) => path === 'licenses.txt')?.text ?? '';
    expect(licenses).toMatch(/^@smithy\/core \d/m);
    expect(licenses).not.toContain('unknown terms');
  });
});

test.each(['deploy-service', 'rollback', 'wait-for-stable'])(
  'reads YAML and JSON Schema only where a file is named: %s',
  (name) => {
    const text = readAtStart(name).map((file) => file.text);
    const words = ['YAMLParseError', 'unevaluatedProperties'];
    expect(words.filter((word) => text.some((one) => one.includes(word)))).toEqual([]);
    expect(words.filter((word) => filesOf(name).some((one) => one.text.includes(word)))).toEqual(words);
  },
);

test('keeps the clients it may need in files of their own', () => {
  const all = filesOf('rollback').map((file) => file.text);
  const missing = Object.entries(SERVICES).filter(([, word]) => !all.some((text) => text.includes(word)));
  expect(missing).toEqual([]);
});

test('is the same again, byte for byte', async () => {
  expect(await bundle('wait-for-stable')).toEqual(filesOf('wait-for-stable'));
});
