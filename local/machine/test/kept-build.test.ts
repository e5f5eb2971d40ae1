import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hashFiles, keepBuild } from '../kept-build.ts';

let kept: string;
beforeEach(async () => {
  kept = await mkdtemp(join(tmpdir(), 'berth-test-'));
});
afterEach(() => rm(kept, { recursive: true }));

const write = (folder: string) => writeFile(join(folder, 'main.js'), 'built');

test('builds once for all that ask', async () => {
  let builds = 0;
  const folder = join(kept, 'web-1');
  const ask = () =>
    keepBuild(folder, async (target) => {
      builds += 1;
      await write(target);
    });
  await Promise.all([ask(), ask(), ask()]);
  expect(builds).toBe(1);
  expect(await readFile(join(folder, 'main.js'), 'utf8')).toBe('built');
});

test('does not keep what a build that failed has left', async () => {
  const folder = join(kept, 'web-1');
  const failing = keepBuild(folder, async (target) => {
    await write(target);
    throw new Error('no such package');
  });
  await expect(failing).rejects.toThrow('no such package');
  expect(existsSync(folder)).toBe(false);
  await keepBuild(folder, write);
  expect(await readdir(folder)).toEqual(['main.js']);
});

test('removes what nobody has asked for within the last hour, whenever it was built', async () => {
  const twoHoursAgo = new Date(Date.now() - 7_200_000);
  const old = ['forgotten', 'in-use'].map((name) => join(kept, name));
  for (const folder of old) {
    await mkdir(folder);
    await utimes(folder, twoHoursAgo, twoHoursAgo);
  }
  await keepBuild(join(kept, 'in-use'), () => Promise.reject(new Error('built again')));
  await keepBuild(join(kept, 'new'), write);
  expect((await readdir(kept)).sort()).toEqual(['in-use', 'new']);
});

test('the hash tells files by what they hold and by where they are', async () => {
  const [one, other] = [join(kept, 'one'), join(kept, 'other')];
  await writeFile(one, 'a');
  await writeFile(other, 'a');
  const hashes = [await hashFiles([one]), await hashFiles([other])];
  await writeFile(one, 'b');
  hashes.push(await hashFiles([one]));
  expect(new Set(hashes).size).toBe(3);
  expect(await hashFiles([one])).toBe(hashes[2]);
  expect(hashes[0]).toMatch(/^[0-9a-f]{20}$/);
});
