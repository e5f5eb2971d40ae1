import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseLdd } from '../base-image-content.ts';
import { countLeases, dropLease, takeLease } from '../engine-leases.ts';
import { withLock } from '../file-lock.ts';
import { node24 } from '../node-24.ts';
import { renderNpmrc } from '../npm-cache.ts';
import {
  isRunning,
  ownIdentity,
  renderIdentity,
  startOfStat,
  tryParseIdentity,
} from '../process-identity.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** An identity no process can have: the start time is of another one with the same pid. */
const dead = `${process.pid}:1`;

describe('a process', () => {
  test('is recognised by pid and start time together', () => {
    expect(isRunning(ownIdentity())).toBe(true);
    expect(isRunning({ pid: process.pid, startedAt: '1' })).toBe(false);
    expect(tryParseIdentity(renderIdentity(ownIdentity()))).toEqual(ownIdentity());
  });

  const stat = (name: string, state: string) => `42 (${name}) ${state} 1${' 0'.repeat(17)} 777 0 0`;
  test.each([
    ['node', 'S', '777'],
    ['a (b) c', 'R', '777'],
    ['node', 'Z', undefined],
  ])('named "%s" in state %s started at %s', (name, state, startedAt) => {
    expect(startOfStat(stat(name, state))).toBe(startedAt);
  });
});

describe('a lock', () => {
  test('lets one at a time work, and all in the end', async () => {
    const path = join(folder, 'turns.lock');
    let inside = 0;
    const seen: number[] = [];
    const work = async () => {
      seen.push(++inside);
      await new Promise((done) => setImmediate(done));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(path, work)));
    expect(seen).toEqual([1, 1, 1, 1, 1]);
    expect(await readdir(folder)).toEqual([]);
  });

  test('of a dead process is taken over', async () => {
    const path = join(folder, 'dead.lock');
    await writeFile(path, dead);
    expect(await withLock(path, async () => readFile(path, 'utf8'))).toBe(renderIdentity(ownIdentity()));
    expect(await readdir(folder)).toEqual([]);
  });

  test('of a living process is respected, and its owner named', async () => {
    const path = join(folder, 'held.lock');
    await withLock(path, async () => {
      const second = withLock(path, async () => undefined, 0);
      await expect(second).rejects.toThrow(`Process ${process.pid} holds ${path}`);
    });
  });

  test('is given back when the work fails', async () => {
    const path = join(folder, 'failed.lock');
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(path, async () => 'again')).toBe('again');
  });
});

test('leases of living processes count, those of dead ones are removed', async () => {
  const leases = join(folder, 'leases');
  const one = await takeLease(leases);
  await takeLease(leases);
  await writeFile(join(leases, 'old'), dead);
  await writeFile(join(leases, 'torn'), '');
  expect(await countLeases(leases)).toBe(2);
  await dropLease(one);
  await dropLease(one);
  expect(await countLeases(leases)).toBe(1);
  expect(await readdir(leases)).toHaveLength(1);
});

describe('the libraries of a program', () => {
  const listed = `\tlinux-vdso.so.1 (0x00007f61)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f61)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f61)\n`;
  test('are read from ldd, with the loader and without what the kernel brings', () => {
    const found = parseLdd({ code: 0, stdout: listed, stderr: '' }, 'node');
    expect(found).toEqual(['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2']);
  });
  test('that are missing are named', () => {
    const stdout = `${listed}\tlibatomic.so.1 => not found\n`;
    expect(() => parseLdd({ code: 0, stdout, stderr: '' }, 'node')).toThrow('libatomic.so.1 is not found');
  });
});

test('npm settings for an image keep where packages come from, and no password', () => {
  const text = renderNpmrc({
    registry: 'https://user:pass@registry.example/npm/',
    '@shop:registry': 'https://shop.example/',
    '//registry.example/:_authToken': 'hidden',
    cafile: '/etc/ca.pem',
  });
  expect(text).toContain('registry=https://registry.example/npm/\n@shop:registry=https://shop.example/\n');
  expect(text).toContain('offline=true');
  expect(text).not.toMatch(/pass|hidden|cafile/);
});

test('another Node than 24 is refused with what to do', () => {
  expect(node24('/opt/node/bin/node', '24.21.0')).toEqual({
    path: '/opt/node/bin/node',
    folder: '/opt/node/bin',
  });
  expect(() => node24('/usr/bin/node', '20.20.2')).toThrow(
    'This is Node 20.20.2, Node 24 was expected: start through "npm run …"',
  );
});
