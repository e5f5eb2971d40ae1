import { UserError } from '../errors.ts';
import type { GitHubRun } from './github-run.ts';

/** Calls of GitHub's REST API for one repository; paths begin behind it, as `/issues/7/comments`. */
export interface GitHubApi {
  get(path: string): Promise<unknown>;
  /** All pages of a list, at most ten of a hundred. */
  list(path: string): Promise<readonly Record<string, unknown>[]>;
  post(path: string, body: object): Promise<unknown>;
  patch(path: string, body: object): Promise<unknown>;
}

const PATIENCE_MS = 20_000;
const PAGE = 100;
const MOST_PAGES = 10;

/**
 * Opens the API with the job's token. `permission` is what the job needs for it, such as `pull-requests: write`; a
 * refusal is `GITHUB_REFUSED` and names it. Reads are asked once more after a failure of the network or the server.
 */
export function githubApi(
  github: Pick<GitHubRun, 'repository' | 'apiUrl'>,
  token: string | undefined,
  permission: string,
): GitHubApi {
  if (!token || !github.repository) {
    throw new UserError('GITHUB_NO_TOKEN', 'There is no token to ask GitHub with: set the input "token".');
  }
  const once = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${github.apiUrl}/repos/${github.repository}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'user-agent': 'berth',
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.ok) return answer.json();
    throw refusal(answer.status, `${method} ${path}`, await answer.text(), permission);
  };
  const get = (path: string): Promise<unknown> =>
    once('GET', path).catch((error: unknown) => {
      if (error instanceof UserError && error.code === 'GITHUB_REFUSED') throw error;
      return once('GET', path);
    });
  return {
    get,
    list: async (path) => {
      const found: Record<string, unknown>[] = [];
      for (let page = 1; page <= MOST_PAGES; page++) {
        const answer = await get(`${path}${path.includes('?') ? '&' : '?'}per_page=${PAGE}&page=${page}`);
        const items = Array.isArray(answer) ? (answer as Record<string, unknown>[]) : [];
        found.push(...items);
        if (items.length < PAGE) break;
      }
      return found;
    },
    post: (path, body) => once('POST', path, body),
    patch: (path, body) => once('PATCH', path, body),
  };
}

function refusal(status: number, call: string, text: string, permission: string): UserError {
  const said = /"message"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? text.slice(0, 200);
  const what = `GitHub answered ${status} to ${call}: ${said}.`;
  if (status >= 500) return new UserError('GITHUB_FAILED', `${what} Re-run the job.`);
  const allow = `Add \`${permission}\` to the job's \`permissions:\`, in the calling workflow too.`;
  return new UserError('GITHUB_REFUSED', [401, 403, 404].includes(status) ? `${what} ${allow}` : what);
}
