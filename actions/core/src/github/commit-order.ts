import { tryCompare } from './compare-commits.ts';
import type { GitHubRun } from './github-run.ts';

/** How long the question may take; the answer only turns a red verdict into a notice. */
const PATIENCE_MS = 10_000;

/**
 * Asks GitHub whether `newer` descends from `older` (or is the same commit), by one call of the compare API.
 * `undefined` when GitHub gives no answer. Never throws.
 */
export async function tryDescends(
  github: Pick<GitHubRun, 'repository' | 'apiUrl'>,
  token: string | undefined,
  commits: { older: string; newer: string },
): Promise<boolean | undefined> {
  const found = await tryCompare(github, token, { ...commits, listed: 1, patienceMs: PATIENCE_MS });
  return found && ['ahead', 'identical'].includes(found.status);
}
