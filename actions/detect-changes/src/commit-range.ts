import type { GitHubRun } from '../../core/src/github/github-run.ts';

/**
 * Which commit to compare with. `from: 'base'` compares the two commits themselves (a push: what was there
 * before against what is there now); `from: 'merge-base'` leaves out what others did to the base meanwhile
 * (a pull request). Without a base there is a `reason`, a clause that follows "because".
 */
export type CommitRange =
  | { readonly base: string; readonly from: 'base' | 'merge-base' }
  | { readonly base: undefined; readonly reason: string };

/** Decides the base from the input or else from the event GitHub sent. */
export function decideCommitRange(
  input: string | undefined,
  { eventName, event }: Pick<GitHubRun, 'eventName' | 'event'>,
): CommitRange {
  if (input !== undefined) return { base: input, from: 'base' };
  if (eventName === 'push') return pushRange(event.before);
  if (eventName === 'pull_request' || eventName === 'pull_request_target') {
    return rangeOf(shaIn(event.pull_request, 'base', 'sha'), eventName);
  }
  if (eventName === 'merge_group') return rangeOf(shaIn(event.merge_group, 'base_sha'), eventName);
  return { base: undefined, reason: `a ${eventName || 'local'} run compares no commits` };
}

function pushRange(before: unknown): CommitRange {
  if (typeof before !== 'string' || before === '') {
    return { base: undefined, reason: 'the push names no commit before it' };
  }
  if (/^0+$/.test(before))
    return { base: undefined, reason: 'the branch is new, so there is no commit before it' };
  return { base: before, from: 'base' };
}

function rangeOf(sha: string | undefined, eventName: string): CommitRange {
  if (sha === undefined) return { base: undefined, reason: `the ${eventName} event names no base commit` };
  return { base: sha, from: 'merge-base' };
}

function shaIn(value: unknown, ...path: string[]): string | undefined {
  let found: unknown = value;
  for (const key of path) found = (found as Record<string, unknown> | undefined)?.[key];
  return typeof found === 'string' && found !== '' ? found : undefined;
}
