import type { GitHubRun } from './github-run.ts';

/** How long the question may take; the answer only turns a red verdict into a notice. */
const PATIENCE_MS = 10_000;

/**
 * Asks GitHub whether `newer` descends from `older` (or is the same commit), by one call of the compare API.
 * `undefined` when GitHub gives no answer: no token, no permission, unknown commit, no network. Never throws.
 */
export async function tryDescends(
  github: Pick<GitHubRun, 'repository' | 'serverUrl'>,
  token: string | undefined,
  { older, newer }: { older: string; newer: string },
): Promise<boolean | undefined> {
  if (!token || !github.repository) return undefined;
  const api =
    github.serverUrl === 'https://github.com' ? 'https://api.github.com' : `${github.serverUrl}/api/v3`;
  const url = `${api}/repos/${github.repository}/compare/${older}...${newer}?per_page=1`;
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/vnd.github+json',
    'user-agent': 'berth',
  };
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) return undefined;
    const { status } = (await answer.json()) as { status?: string };
    return status === 'ahead' || status === 'identical';
  } catch {
    return undefined;
  }
}
