import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type GitHubApiStandIn, startGitHubApi } from '../api-stand-in.ts';

let github: GitHubApiStandIn;
beforeAll(async () => {
  github = await startGitHubApi('acme/shop');
});
afterAll(() => github?.stop());

async function ask(method: string, path: string, body?: object, token = github.token) {
  const answer = await fetch(`${github.url}/repos/acme/shop${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: (await answer.json()) as unknown };
}

test('lets nobody in without the job’s token', async () => {
  expect(await ask('GET', '/issues?state=open', undefined, 'another')).toMatchObject({ status: 401 });
});

test('keeps comments as a bot’s, gives them in pages, and changes them by their id', async () => {
  for (const body of ['one', 'two', 'three']) await ask('POST', '/issues/7/comments', { body });
  const second = await ask('GET', '/issues/7/comments?per_page=2&page=2');
  expect(second.body).toMatchObject([{ body: 'three', user: { type: 'Bot' } }]);
  await ask('PATCH', `/issues/comments/${github.comments[2]?.id}`, { body: 'four' });
  expect(github.comments.map(({ body }) => body)).toEqual(['one', 'two', 'four']);
  expect(await ask('PATCH', '/issues/comments/1', { body: 'x' })).toMatchObject({ status: 404 });
});

test('finds issues by state and label', async () => {
  await ask('POST', '/issues', { title: 'Drift', body: 'x', labels: ['terraform-drift'] });
  expect((await ask('GET', '/issues?state=open&labels=terraform-drift')).body).toHaveLength(1);
  await ask('PATCH', `/issues/${github.issues[0]?.number}`, { state: 'closed' });
  expect((await ask('GET', '/issues?state=open&labels=terraform-drift')).body).toEqual([]);
});

test('knows which pull request brought a commit', async () => {
  github.merge('abc123', 7);
  expect((await ask('GET', '/commits/abc123/pulls')).body).toMatchObject([{ number: 7 }]);
  expect((await ask('GET', '/commits/abc124/pulls')).body).toEqual([]);
});

test('says what it does not offer', async () => {
  expect(await ask('GET', '/releases')).toEqual({
    status: 404,
    body: { message: 'The stand-in does not offer GET /releases' },
  });
});
