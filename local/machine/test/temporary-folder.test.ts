import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ownIdentity } from '../process-identity.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

let temp: string;
beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'berth-test-'));
});
afterEach(() => rm(temp, { recursive: true }));

test('makes a folder of its own and removes those of processes that are gone', async () => {
  const { pid, startedAt } = ownIdentity();
  const gone = `berth-act-${pid}-${startedAt}0-aaaaaa`;
  const foreign = 'berth-runner';
  await mkdir(join(temp, gone));
  await writeFile(join(temp, gone, 'blob'), 'x');
  await mkdir(join(temp, foreign));
  const first = basename(await makeTemporaryFolder(temp, 'run'));
  const second = basename(await makeTemporaryFolder(temp, 'demo'));
  expect((await readdir(temp)).sort()).toEqual([first, second, foreign].sort());
  expect(first).not.toContain(':');
});
