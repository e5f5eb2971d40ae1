import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CommandResult, RunCommand } from '../../core/src/command.ts';
import type { BuildPlan } from '../src/build-plan.ts';
import { buildArguments, detectBuildKit } from '../src/docker.ts';
import { addLogin, withDockerLogin } from '../src/docker-config.ts';

const ended = (exitCode: number, stdout = '', stderr = ''): CommandResult => ({ exitCode, stdout, stderr });
/** A docker client of a version, with or without buildx and an engine. */
const client =
  (version: string, buildx: boolean, engine = true): RunCommand =>
  async (_, [verb]) => {
    if (verb === 'buildx') return ended(buildx ? 0 : 1);
    return engine
      ? ended(0, `${version} 20.10.24\n`)
      : ended(1, version, 'Cannot connect to the Docker daemon at unix:///x.');
  };

describe('detectBuildKit', () => {
  test.each([
    ['20.10.24', false, 'built-in'],
    ['20.10.24', true, 'buildx'],
    ['28.5.1', true, 'buildx'],
  ])('finds in client %s with buildx %p: %s', async (version, buildx, expected) => {
    expect(await detectBuildKit({ command: client(version, buildx), env: {} })).toBe(expected);
  });

  test.each([
    [
      'a client without BuildKit',
      client('28.5.1', false),
      'Install the package docker-buildx (Debian, Ubuntu) or docker-buildx-plugin',
    ],
    [
      'no engine',
      client('28.5.1', true, false),
      'No Docker engine answers: Cannot connect to the Docker daemon at unix:///x. Start one',
    ],
    [
      'no client',
      async () => Promise.reject(new Error('Unable to locate executable file: docker')),
      'There is no docker client on PATH',
    ],
  ])('refuses %s', async (_, command, expected) => {
    await expect(detectBuildKit({ command, env: {} })).rejects.toThrow(expected);
  });
});

test('passes arguments and labels as they are, one word each', () => {
  const plan: BuildPlan = {
    repository: 'api',
    registryId: undefined,
    region: undefined,
    tag: 't',
    context: '.',
    dockerfile: 'docker/my file',
    args: { A: '$(touch x) "y"' },
    labels: { l: '1' },
  };
  const rest = [
    '--file',
    '/w/docker/my file',
    '--tag',
    'h/api:t',
    '--build-arg',
    'A=$(touch x) "y"',
    '--label',
    'l=1',
    '/w',
  ];
  expect(buildArguments('built-in', plan, 'h/api:t', '/w')).toEqual(['build', ...rest]);
  expect(buildArguments('buildx', plan, 'h/api:t', '/w')).toEqual([
    'buildx',
    'build',
    '--load',
    '--provenance=false',
    ...rest,
  ]);
});

describe('withDockerLogin', () => {
  const login = { host: '123456789012.dkr.ecr.us-east-1.amazonaws.com', user: 'AWS', password: 'hunter2' };
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'berth-docker-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("adds one login to the user's own configuration, readable by its owner only, and takes it away", async () => {
    const own = join(folder, 'own');
    mkdirSync(join(own, 'cli-plugins'), { recursive: true });
    writeFileSync(
      join(own, 'config.json'),
      JSON.stringify({ credsStore: 'desktop', auths: { 'ghcr.io': {} } }),
    );
    const places = { temp: folder, env: { DOCKER_CONFIG: own } };
    const seen = await withDockerLogin(login, places, async (path) => {
      expect(statSync(join(path, 'config.json')).mode & 0o077).toBe(0);
      expect(readdirSync(path).sort()).toEqual(['cli-plugins', 'config.json']);
      return JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'));
    });
    expect(seen).toEqual({
      credsStore: 'desktop',
      auths: { 'ghcr.io': {}, [login.host]: { auth: Buffer.from('AWS:hunter2').toString('base64') } },
      credHelpers: { [login.host]: '' },
    });
    expect(readdirSync(folder)).toEqual(['own']);
    expect(readdirSync(own).sort()).toEqual(['cli-plugins', 'config.json']);
  });

  test('takes it away when the build fails, and starts from nothing where there is no configuration', async () => {
    const places = { temp: folder, env: { DOCKER_CONFIG: join(folder, 'none') } };
    await expect(withDockerLogin(login, places, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(folder)).toEqual([]);
    expect(Object.keys(addLogin({}, login).auths ?? {})).toEqual([login.host]);
  });
});
