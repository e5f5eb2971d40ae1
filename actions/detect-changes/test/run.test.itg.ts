import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runCommand } from '../../core/src/command.ts';
import type { Action } from '../../core/src/github/action-run.ts';
import { type Driven, driveAction } from '../../core/test/doubles/action-drive.ts';
import { inputs, outputs } from '../src/inputs.ts';
import { run } from '../src/run.ts';

const action: Action<typeof inputs, (typeof outputs)[number]> = {
  inputs,
  outputs,
  run: (given, deps) => run(given, { ...deps, command: runCommand }),
};
const manifest =
  'version: 1\nservices:\n  web: { context: web, needs: [api] }\n  api: { context: api }\n  docs: { context: docs }\n';

let folder = '';
const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
const commit = (files: Record<string, string>, message = 'change'): string => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  git('add', '--all');
  git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', 'commit', '--quiet', '--message', message);
  return git('rev-parse', 'HEAD');
};
const drive = (
  event: { name: string; payload?: object },
  given: Record<string, string> = {},
): Promise<Driven> => {
  const path = join(folder, '.git', 'event.json');
  writeFileSync(path, JSON.stringify(event.payload ?? {}));
  return driveAction(action, {
    inputs: given,
    env: { GITHUB_WORKSPACE: folder, GITHUB_EVENT_NAME: event.name, GITHUB_EVENT_PATH: path },
  });
};
const namesIn = ({ outputs: { services = '[]' } }: Driven): string[] =>
  (JSON.parse(services) as { name: string }[]).map(({ name }) => name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-git-'));
  git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('detect-changes', () => {
  test('gives the changed services and those that need them, in needs order, with their tags', async () => {
    const before = commit({ 'berth.yaml': manifest, 'api/a': '1', 'web/a': '1', 'docs/a': '1' });
    commit({ 'api/é ü.ts': 'two' });
    const driven = await drive({ name: 'push', payload: { before } });
    const services = JSON.parse(driven.outputs.services ?? '');
    expect(services).toEqual([
      {
        name: 'api',
        tag: expect.stringMatching(/^src-[0-9a-f]{16}$/),
        context: 'api',
        dockerfile: 'api/Dockerfile',
        args: {},
      },
      expect.objectContaining({ name: 'web' }),
    ]);
    expect(JSON.parse(driven.outputs.matrix ?? '')).toEqual({ service: services });
    expect(driven.outputs.any).toBe('true');
    expect(driven.summary).toContain('| api |');
    expect(driven.stdout).toContain('(needs api)');
  });

  test('gives the same tags for the same content in another commit', async () => {
    const first = commit({ 'berth.yaml': manifest, 'api/a': '1' });
    const tags = (await drive({ name: 'push' }, { services: 'all' })).outputs.services;
    commit({ 'api/a': '2' });
    expect((await drive({ name: 'push' }, { services: 'all' })).outputs.services).not.toBe(tags);
    commit({ 'api/a': '1' });
    expect((await drive({ name: 'push' }, { services: 'all' })).outputs.services).toBe(tags);
    expect(namesIn(await drive({ name: 'push', payload: { before: first } }))).toEqual([]);
  });

  test('gives nothing, and says so, when no service changed', async () => {
    const before = commit({ 'berth.yaml': manifest });
    commit({ 'README.md': 'x' });
    const driven = await drive({ name: 'push', payload: { before } });
    expect(driven.outputs).toEqual({ services: '[]', matrix: '{"service":[]}', any: 'false' });
    expect(driven.stdout).toContain('0 of 3 services to build and deploy.');
  });

  test('leaves out what others changed on the base of a pull request', async () => {
    commit({ 'berth.yaml': manifest, 'api/a': '1' });
    git('checkout', '--quiet', '-b', 'topic');
    commit({ 'docs/a': '1' });
    git('checkout', '--quiet', 'main');
    const sha = commit({ 'api/a': '2' });
    git('checkout', '--quiet', 'topic');
    expect(
      namesIn(await drive({ name: 'pull_request', payload: { pull_request: { base: { sha } } } })),
    ).toEqual(['docs']);
  });

  test('gives all services with a notice when the clone is too shallow', async () => {
    const before = commit({ 'berth.yaml': manifest });
    commit({ 'docs/a': '1' });
    const whole = folder;
    folder = mkdtempSync(join(tmpdir(), 'berth-git-'));
    git('clone', '--quiet', '--depth=1', `file://${whole}`, '.');
    rmSync(whole, { recursive: true });
    const driven = await drive({ name: 'push', payload: { before } });
    expect(namesIn(driven)).toEqual(['api', 'docs', 'web']);
    expect(driven.stdout).toContain(
      `::notice::All services are given, because commit ${before} is not in this shallow clone; set \`fetch-depth: 0\``,
    );
  });

  test.each([
    ['a new branch', { name: 'push', payload: { before: '0'.repeat(40) } }, 'the branch is new'],
    [
      'a lost commit',
      { name: 'push', payload: { before: 'b'.repeat(40) } },
      'may have gone with a force push',
    ],
    ['a dispatch', { name: 'workflow_dispatch' }, 'a workflow_dispatch run compares no commits'],
  ])('gives all services with a notice on %s', async (_, event, reason) => {
    commit({ 'berth.yaml': manifest });
    const driven = await drive(event);
    expect(namesIn(driven)).toHaveLength(3);
    expect(driven.stdout).toMatch(new RegExp(`::notice::.*${reason}`));
  });

  test('compares with a base that is named, and takes no option for a name', async () => {
    commit({ 'berth.yaml': manifest });
    git('tag', 'v1');
    commit({ 'docs/a': '1' });
    expect(namesIn(await drive({ name: 'push' }, { base: 'v1' }))).toEqual(['docs']);
    expect((await drive({ name: 'push' }, { base: '--help' })).stdout).toContain('no commit --help');
  });

  test.each([
    [{ services: 'web' }, ['web']],
    [{ services: '["web","docs"]' }, ['docs', 'web']],
  ])('gives exactly the services of %j', async (given, expected) => {
    commit({ 'berth.yaml': manifest });
    expect(namesIn(await drive({ name: 'push' }, given))).toEqual(expected);
  });

  test.each([
    [{ services: 'wbe' }, '"wbe" is not a service of berth.yaml. Did you mean "web"?'],
    [{ manifest: 'bert.yaml' }, 'There is no bert.yaml in the workspace.'],
    [{ head: 'nowhere' }, 'The workspace has no commit "nowhere".'],
  ])('refuses %j in one sentence', async (given, expected) => {
    commit({ 'berth.yaml': manifest });
    const driven = await drive({ name: 'push' }, given);
    expect(driven.failed).toBe(true);
    expect(driven.stdout).toContain(`::error::${expected}`);
  });
});
