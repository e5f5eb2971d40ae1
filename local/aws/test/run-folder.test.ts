import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ownIdentity } from '../../machine/process-identity.ts';
import { makeRunFolder } from '../run-folder.ts';

let temp: string;
beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'berth-test-'));
});
afterEach(() => rm(temp, { recursive: true }));

test('makes a folder of its own and removes those of processes that are gone', async () => {
  const { pid, startedAt } = ownIdentity();
  const gone = `berth-run-${pid}-${startedAt}0-aaaaaa`;
  const foreign = 'berth-runner';
  await mkdir(join(temp, gone));
  await writeFile(join(temp, gone, 'blob'), 'x');
  await mkdir(join(temp, foreign));
  const first = basename(await makeRunFolder(temp));
  const second = basename(await makeRunFolder(temp));
  expect((await readdir(temp)).sort()).toEqual([first, second, foreign].sort());
  expect(first).not.toContain(':');
});
