import type { GitHubRun } from './github-run.ts';

/** What GitHub says of two commits: how `newer` lies to `older`, and the commits between them, oldest first. */
export interface Comparison {
  readonly status: string;
  readonly total_commits: number;
  readonly behind_by: number;
  readonly commits: readonly { readonly sha: string; readonly commit: { readonly message: string } }[];
}

/** What the question needs. `listed` is how many commits are wanted, 1 to 100. */
export interface CompareRequest {
  readonly older: string;
  readonly newer: string;
  readonly listed: number;
  readonly patienceMs: number;
}

/**
 * Asks GitHub's compare API about two commits, by one call. `undefined` when it gives no answer: no token, no
 * permission, unknown commit, no network, no patience left. Never throws.
 */
export async function tryCompare(
  { repository, apiUrl }: Pick<GitHubRun, 'repository' | 'apiUrl'>,
  token: string | undefined,
  { older, newer, listed, patienceMs }: CompareRequest,
): Promise<Comparison | undefined> {
  if (!token || !repository) return undefined;
  const url = `${apiUrl}/repos/${repository}/compare/${older}...${newer}?per_page=${listed}`;
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/vnd.github+json',
    'user-agent': 'berth',
  };
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(patienceMs) });
    return answer.ok ? ((await answer.json()) as Comparison) : undefined;
  } catch {
    return undefined;
  }
}
