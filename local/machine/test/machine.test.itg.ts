import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureBaseImage } from '../base-image.ts';
import { answers, connectDocker } from '../docker-client.ts';
import { type DockerEngine, ensureDockerEngine, ensureOwnEngine } from '../docker-engine.ts';
import { bridgeName, type EngineRecord } from '../engine-daemon.ts';
import { type Machine, thisMachine } from '../machine.ts';
import { ensurePythonTools } from '../python-tools.ts';
import { renderTar, type TarEntry } from '../tar.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('an archive is one that tar reads, also with a path of more than 100 bytes', async () => {
  const deep = `${'folder/'.repeat(16)}${'n'.repeat(40)}.js`;
  const entries: TarEntry[] = [
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
    { kind: 'folder', path: 'home/node', mode: 0o755, uid: 1000 },
    { kind: 'file', path: deep, mode: 0o644, content: Buffer.from('x'.repeat(513)) },
    { kind: 'file', path: 'empty', mode: 0o755, content: Buffer.alloc(0) },
    { kind: 'link', path: 'node', target: '/usr/local/bin/node' },
  ];
  const path = join(folder, 'a.tar');
  await writeFile(path, Buffer.concat([...renderTar(entries)]));
  const args = ['--list', '--verbose', '--numeric-owner', '--file', path];
  const rows = execFileSync('tar', args, { encoding: 'utf8' }).trim().split('\n');
  expect(rows.map((row) => row.replace(/\d{4}-\d\d-\d\d \d\d:\d\d /, '').replace(/\s+/g, ' '))).toEqual([
    'drwxrwxrwt 0/0 0 tmp/',
    'drwxr-xr-x 1000/1000 0 home/node/',
    `-rw-r--r-- 0/0 513 ${deep}`,
    '-rwxr-xr-x 0/0 0 empty',
    'lrwxrwxrwx 0/0 0 node -> /usr/local/bin/node',
  ]);
});

describe('programs of the Python environment', () => {
  test('are there, and asking again keeps the environment', async () => {
    const { bin } = await ensurePythonTools(['moto', 'act', 'awscli', 'zizmor', 'actionlint']);
    const before = await readFile(join(bin, '../.berth-installed'), 'utf8');
    expect(execFileSync(join(bin, 'act'), ['--version'], { encoding: 'utf8' })).toContain('act version');
    const logged: string[] = [];
    await ensurePythonTools(['act'], { log: (line) => logged.push(line) });
    expect(logged).toEqual([]);
    expect(await readFile(join(bin, '../.berth-installed'), 'utf8')).toBe(before);
  });
});

describe('the base image', () => {
  let engine: DockerEngine;
  beforeAll(async () => {
    engine = await ensureDockerEngine();
  });
  afterAll(() => engine.release());

  test('is made once, runs Node as an ordinary user and has no shell', async () => {
    const docker = connectDocker(engine.host);
    const image = await ensureBaseImage(docker);
    expect(await ensureBaseImage(docker)).toBe(image);
    const code =
      "console.log(process.version, process.getuid(), require('fs').existsSync('/bin/sh'), require('os').userInfo().username)";
    const env = { ...process.env, DOCKER_HOST: engine.host, DOCKER_CONFIG: folder };
    const args = ['run', '--rm', '--network=none', '--user=1000', image, '/node', '-e', code];
    const said = execFileSync(engine.dockerCli, args, { env, encoding: 'utf8' });
    expect(said.trim()).toBe(`${process.version} 1000 false node`);
  });
});

describe('an engine', () => {
  const bare = (more: Record<string, string> = {}): Machine => ({
    ...thisMachine(),
    env: { PATH: process.env.PATH, ...more },
    tempFolder: folder,
  });

  test('that DOCKER_HOST names and that does not answer is an error, not a reason to start another', async () => {
    const host = `unix://${folder}/none.sock`;
    await expect(ensureDockerEngine({ machine: bare({ DOCKER_HOST: host }) })).rejects.toThrow(
      `DOCKER_HOST is ${host}, but no Docker engine answers there`,
    );
  });

  if (thisMachine().uid === 0 && process.platform === 'linux') {
    test('of our own serves all who hold it, and is gone without trace with the last', servesAllWhoHoldIt);
    test('whose daemon was killed over a running container is gone without trace too', goesAfterKill);
  } else {
    test('is not started by an ordinary user, who is told what to install', async () => {
      await expect(ensureOwnEngine({ machine: bare() })).rejects.toThrow(/install Docker/);
    });
  }

  async function servesAllWhoHoldIt(): Promise<void> {
    const machine = bare();
    const [one, two] = await Promise.all([ensureOwnEngine({ machine }), ensureOwnEngine({ machine })]);
    const home = join(folder, `berth-engine-${machine.uid}`);
    expect(two.host).toBe(one.host);
    await one.release();
    expect(await answers(two.host)).toBe(true);
    await ensureBaseImage(connectDocker(two.host));
    await two.release();
    await two.release();
    expect(await answers(two.host)).toBe(false);
    await expectNoTrace(home);
  }

  async function goesAfterKill(): Promise<void> {
    const machine = bare();
    const engine = await ensureOwnEngine({ machine });
    const home = join(folder, `berth-engine-${machine.uid}`);
    const docker = connectDocker(engine.host);
    const Cmd = ['node', '-e', `setInterval(() => {}, 1000); // ${home}/`];
    const container = await docker.createContainer({ Image: await ensureBaseImage(docker), Cmd });
    await container.start();
    const { daemon } = JSON.parse(await readFile(join(home, 'engine.json'), 'utf8')) as EngineRecord;
    process.kill(daemon.pid, 'SIGKILL');
    await engine.release();
    await expectNoTrace(home);
  }

  async function expectNoTrace(home: string): Promise<void> {
    expect(existsSync(home) || existsSync(`${home}.lock`)).toBe(false);
    expect(Object.keys(networkInterfaces())).not.toContain(bridgeName(home));
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(home);
    const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
    expect(processes.filter((line) => line.includes(`${home}/`))).toEqual([]);
  }
});
