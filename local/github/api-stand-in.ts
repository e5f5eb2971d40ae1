import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A comment of an issue or pull request. */
export interface StandInComment {
  readonly id: number;
  readonly issue: number;
  body: string;
  user: { login: string; type: 'Bot' | 'User' };
}

/** An issue; pull requests are none here. */
export interface StandInIssue {
  readonly number: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  labels: string[];
  user: { login: string; type: 'Bot' | 'User' };
}

export interface GitHubApiStandIn {
  /** For GITHUB_API_URL. */
  readonly url: string;
  /** What a job shows to be let in. */
  readonly token: string;
  readonly comments: StandInComment[];
  readonly issues: StandInIssue[];
  /** Says that a pull request brought a commit. */
  merge(commit: string, pullRequest: number): void;
  stop(): Promise<void>;
}

type Answer = { status: number; body: unknown };
type Asked = { path: string; query: URLSearchParams; body: Record<string, unknown> };
type Route = readonly [
  method: string,
  form: RegExp,
  answer: (match: RegExpExecArray, asked: Asked) => Answer,
];

const BOT = { login: 'github-actions[bot]', type: 'Bot' } as const;

/**
 * Starts what of GitHub's REST API the actions use, for one repository (`OWNER/REPO`), on a free port of 127.0.0.1:
 * comments, issues, and the pull requests of a commit. What is not offered answers 404 and says so.
 * Source: GitHub REST API, "Issues", "Issue comments", "Commits", read 2026-11.
 */
export async function startGitHubApi(repository: string): Promise<GitHubApiStandIn> {
  const token = 'ghs_of_this_job';
  const comments: StandInComment[] = [];
  const issues: StandInIssue[] = [];
  const pulls = new Map<string, number>();
  let lastId = 100;
  const routes: Route[] = [
    [
      'GET',
      /^\/issues\/(\d+)\/comments$/,
      ([, issue], { query }) =>
        page(
          comments.filter((comment) => comment.issue === Number(issue)),
          query,
        ),
    ],
    [
      'POST',
      /^\/issues\/(\d+)\/comments$/,
      ([, issue], { body }) => {
        const comment = { id: ++lastId, issue: Number(issue), body: String(body.body), user: BOT };
        comments.push(comment);
        return { status: 201, body: comment };
      },
    ],
    [
      'PATCH',
      /^\/issues\/comments\/(\d+)$/,
      ([, id], { body }) =>
        changed(
          comments.find((comment) => comment.id === Number(id)),
          body,
        ),
    ],
    [
      'GET',
      /^\/issues$/,
      (_, { query }) =>
        page(
          issues.filter(
            (issue) => issue.state === query.get('state') && issue.labels.includes(query.get('labels') ?? ''),
          ),
          query,
        ),
    ],
    [
      'POST',
      /^\/issues$/,
      (_, { body }) => {
        const issue: StandInIssue = {
          number: ++lastId,
          title: String(body.title),
          body: String(body.body),
          state: 'open',
          labels: body.labels as string[],
          user: BOT,
        };
        issues.push(issue);
        return { status: 201, body: issue };
      },
    ],
    [
      'PATCH',
      /^\/issues\/(\d+)$/,
      ([, number], { body }) =>
        changed(
          issues.find((issue) => issue.number === Number(number)),
          body,
        ),
    ],
    [
      'GET',
      /^\/commits\/([0-9a-f]+)\/pulls$/,
      ([, sha = ''], { query }) => {
        const number = pulls.get(sha);
        return page(number === undefined ? [] : [{ number, merged_at: '2026-11-21T09:00:00Z' }], query);
      },
    ],
  ];
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) =>
      reply(response, 500, { message: String(error) }),
    );
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new URL(request.url ?? '/', 'http://127.0.0.1');
    const text = await textOf(request);
    if (request.headers.authorization !== `Bearer ${token}`)
      return reply(response, 401, { message: 'Bad credentials' });
    const path = asked.pathname.replace(`/repos/${repository}`, '');
    for (const [method, form, work] of routes) {
      const match = method === request.method ? form.exec(path) : null;
      if (!match) continue;
      const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
      const { status, body: answered } = work(match, { path, query: asked.searchParams, body });
      return reply(response, status, answered);
    }
    reply(response, 404, { message: `The stand-in does not offer ${request.method} ${path}` });
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    token,
    comments,
    issues,
    merge: (commit, pullRequest) => void pulls.set(commit, pullRequest),
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function page(items: readonly object[], query: URLSearchParams): Answer {
  const size = Number(query.get('per_page') ?? 30);
  const first = (Number(query.get('page') ?? 1) - 1) * size;
  return { status: 200, body: items.slice(first, first + size) };
}

function changed(thing: object | undefined, change: Record<string, unknown>): Answer {
  if (!thing) return { status: 404, body: { message: 'Not Found' } };
  return { status: 200, body: Object.assign(thing, change) };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
