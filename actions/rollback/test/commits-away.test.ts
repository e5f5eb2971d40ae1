import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import nock from 'nock';
import { type RunCommand, runCommand } from '../../core/src/command.ts';
import { reachNockOnly } from '../../core/test/doubles/nock-only.ts';
import { readCommitsAway, renderCommits } from '../src/commits-away.ts';

reachNockOnly();

const [FROM, TO] = ['b'.repeat(40), 'a'.repeat(40)];
const noGit: RunCommand = async () => ({ exitCode: 128, stdout: '', stderr: 'no repository' });
const github = (workspace = '.') => ({
  repository: 'acme/shop',
  apiUrl: 'https://api.github.com',
  workspace,
});
const compare = () =>
  nock('https://api.github.com').get(`/repos/acme/shop/compare/${TO}...${FROM}?per_page=100`);
const commit = (sha: string, message: string) => ({ sha, commit: { message } });

describe('the commits that a rollback takes away', () => {
  test('are those between both revisions, newest first, by their first lines', async () => {
    compare()
      .matchHeader('authorization', 'Bearer token')
      .reply(200, {
        total_commits: 2,
        behind_by: 0,
        commits: [commit('1'.repeat(40), 'Add totals\n\nLong text.'), commit('2'.repeat(40), 'Round them')],
      });
    const away = await readCommitsAway(
      { from: FROM, to: TO },
      { runCommand: noGit, github: github(), token: 'token' },
    );
    expect(renderCommits(away)).toEqual([
      '2 commits go away:',
      '  222222222222 Round them',
      '  111111111111 Add totals',
    ]);
  });

  test('are counted where there are many, and told of where others come back', async () => {
    const commits = Array.from({ length: 100 }, (_, i) => commit(String(i).padStart(40, '0'), `c${i}`));
    compare().reply(200, { total_commits: 130, behind_by: 3, commits });
    const away = await readCommitsAway(
      { from: FROM, to: TO },
      { runCommand: noGit, github: github(), token: 'token' },
    );
    expect([away.commits.length, away.total]).toEqual([50, 130]);
    expect(away.note).toBe('and 80 more; 3 that the revision left does not have come back');
  });

  test.each<[string, () => void, string | undefined]>([
    ['there is no token', () => {}, undefined],
    ['GitHub refuses', () => void compare().reply(403, {}), 'token'],
    ['GitHub cannot be reached', () => void compare().replyWithError('no network'), 'token'],
  ])('come from the clone where %s', async (_title, arrange, token) => {
    arrange();
    const folder = mkdtempSync(join(tmpdir(), 'berth-commits-'));
    try {
      const git = (...args: string[]): string =>
        execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
          encoding: 'utf8',
        }).trim();
      git('init', '-q');
      const [to = '', , from = ''] = ['one', 'two', 'three'].map((subject) => {
        git('commit', '-q', '--allow-empty', '-m', subject);
        return git('rev-parse', 'HEAD');
      });
      if (token)
        nock('https://api.github.com')
          .get(/compare/)
          .optionally()
          .reply(500);
      const away = await readCommitsAway({ from, to }, { runCommand, github: github(folder), token });
      expect(away.commits.map(({ subject }) => subject)).toEqual(['three', 'two']);
      const back = await readCommitsAway(
        { from: to, to: from },
        { runCommand, github: github(folder), token },
      );
      expect(renderCommits(back)).toEqual(['2 that the revision left does not have come back']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test.each([
    [undefined, TO, 'the revision that is left has no tag git-sha with a commit'],
    [FROM, undefined, 'the revision gone back to has no tag git-sha with a commit'],
    [FROM, '--output=/tmp/x', 'has no tag git-sha with a commit'],
    [FROM, FROM, 'both revisions are of the same commit'],
    [FROM, TO, 'could not be listed: no token that may read them, and no clone that has both'],
  ])('are not known from %s to %s, in words', async (from, to, note) => {
    const away = await readCommitsAway(
      { from, to },
      { runCommand: noGit, github: github(), token: undefined },
    );
    expect(away).toMatchObject({ commits: [], total: 0, note: expect.stringContaining(note) });
  });
});
