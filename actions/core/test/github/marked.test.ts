import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import nock from 'nock';
import { githubApi } from '../../src/github/api.ts';
import { markerOf, putMarkedComment } from '../../src/github/marked-comment.ts';
import { closeMarkedIssue, putMarkedIssue } from '../../src/github/marked-issue.ts';

afterAll(() => nock.restore());
beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});

const api = githubApi(
  { repository: 'acme/shop', apiUrl: 'https://api.github.com' },
  'token',
  'issues: write',
);
const github = () =>
  nock('https://api.github.com/repos/acme/shop', { reqheaders: { authorization: 'Bearer token' } });
const page = (path: string, n: number, items: object[]) =>
  github()
    .get(path)
    .query((query) => query.page === String(n) && query.per_page === '100')
    .reply(200, items);
const marker = markerOf('terraform-plan', 'prod');
const bot = { type: 'Bot' };
const subject = { marker, title: 'Drift in prod', label: 'terraform-drift' };

describe('the one comment', () => {
  test('is made where there is none', async () => {
    page('/issues/7/comments', 1, [{ id: 1, body: 'Looks good', user: { type: 'User' } }]);
    github()
      .post('/issues/7/comments', { body: `${marker}\nnew` })
      .reply(201, {});
    await putMarkedComment(api, 7, marker, 'new');
  });

  test('is changed where it is there, also behind a hundred others', async () => {
    page(
      '/issues/7/comments',
      1,
      Array.from({ length: 100 }, (_, id) => ({ id, body: 'talk', user: bot })),
    );
    page('/issues/7/comments', 2, [{ id: 500, body: `${marker}\nold`, user: bot }]);
    github()
      .patch('/issues/comments/500', { body: `${marker}\nnew` })
      .reply(200, {});
    await putMarkedComment(api, 7, marker, 'new');
  });

  test('is never one that a person wrote', async () => {
    page('/issues/7/comments', 1, [{ id: 1, body: `${marker}\nmine`, user: { type: 'User' } }]);
    github().post('/issues/7/comments').reply(201, {});
    await putMarkedComment(api, 7, marker, 'new');
  });
});

describe('the one issue', () => {
  const open = (items: object[]) =>
    github()
      .get('/issues')
      .query({ state: 'open', labels: 'terraform-drift', per_page: '100', page: '1' })
      .reply(200, items);

  test('is opened with its label', async () => {
    open([{ number: 3, body: `${marker}\nx`, user: bot, pull_request: {} }]);
    github()
      .post('/issues', { title: 'Drift in prod', body: `${marker}\nfound`, labels: ['terraform-drift'] })
      .reply(201, { number: 4 });
    expect(await putMarkedIssue(api, subject, 'found')).toBe(4);
  });

  test('is rewritten while it is open', async () => {
    open([{ number: 4, body: `${marker}\nfound`, user: bot }]);
    github()
      .patch('/issues/4', { title: 'Drift in prod', body: `${marker}\nmore` })
      .reply(200, {});
    expect(await putMarkedIssue(api, subject, 'more')).toBe(4);
  });

  test('is closed with a last word, and left alone where none is open', async () => {
    open([{ number: 4, body: `${marker}\nfound`, user: bot }]);
    github().post('/issues/4/comments', { body: 'gone' }).reply(201, {});
    github().patch('/issues/4', { state: 'closed', state_reason: 'completed' }).reply(200, {});
    expect(await closeMarkedIssue(api, subject, 'gone')).toBe(4);
    open([]);
    expect(await closeMarkedIssue(api, subject, 'gone')).toBeUndefined();
  });
});

describe('what GitHub refuses', () => {
  test('is told with the permission to add, and not asked again', async () => {
    github().get('/commits/abc').reply(403, { message: 'Resource not accessible by integration' });
    await expect(api.get('/commits/abc')).rejects.toThrow(
      'GitHub answered 403 to GET /commits/abc: Resource not accessible by integration. Add `issues: write`',
    );
  });

  test('for a fault of its own is asked for once more', async () => {
    github().get('/commits/abc').reply(502, 'bad gateway');
    github().get('/commits/abc').reply(200, { sha: 'abc' });
    expect(await api.get('/commits/abc')).toEqual({ sha: 'abc' });
  });

  test('is nothing without a token', () => {
    expect(() => githubApi({ repository: 'acme/shop', apiUrl: 'x' }, undefined, 'y')).toThrow(
      'set the input "token"',
    );
  });
});

test('a marker cannot be ended from within', () => {
  expect(markerOf('a', 'x-->y')).toBe('<!-- berth a x- ->y -->');
});
