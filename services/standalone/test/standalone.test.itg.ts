import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readStandaloneFiles } from '../files.ts';

const run = promisify(execFile);
const services = fileURLToPath(new URL('../..', import.meta.url));
const flags = ['--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'services-'));
  const rootLock = await readFile(join(services, '../package-lock.json'), 'utf8');
  for (const [path, text] of Object.entries(await readStandaloneFiles(services, rootLock))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
});

afterAll(() => rm(folder, { recursive: true }));

test('a copy of the services holds no tests and nothing of the rest of the repository', async () => {
  await expect(stat(join(folder, 'test'))).rejects.toThrow('ENOENT');
  await expect(stat(join(folder, 'email-api/test'))).rejects.toThrow('ENOENT');
  await expect(stat(join(folder, 'Dockerfile'))).resolves.toBeDefined();
});

test('npm accepts its derived lock file, finds nothing to change in it, and both services can be bundled', async () => {
  const derived = await readFile(join(folder, 'package-lock.json'), 'utf8');
  await run('npm', ['ci', ...flags], { cwd: folder });
  await run('npm', ['install', '--package-lock-only', ...flags], { cwd: folder });
  expect(await readFile(join(folder, 'package-lock.json'), 'utf8')).toBe(derived);
  for (const service of ['email-api', 'email-consumer']) {
    const env = { ...process.env, SERVICE: service };
    await run(process.execPath, ['bundle.ts', `out/${service}`], { cwd: folder, env });
    const file = join(folder, `out/${service}/service.cjs`);
    expect((await stat(file)).size).toBeLessThan(6_000_000);
    // One character more and V8 keeps all of it with two bytes each.
    expect(await readFile(file, 'utf8')).not.toMatch(/[\u0100-\uffff]/);
  }
});
