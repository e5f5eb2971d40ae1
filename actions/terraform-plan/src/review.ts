import { createHash } from 'node:crypto';
import { planEssence } from '../../core/src/decide/plan-summary.ts';
import { UserError } from '../../core/src/errors.ts';
import type { GitHubApi } from '../../core/src/github/api.ts';
import { tryMarkedComment } from '../../core/src/github/marked-comment.ts';
import type { Log } from '../../core/src/log.ts';
import type { Plan } from '../../core/src/terraform/plan-json.ts';

/** What the comment says of a plan so that a later one can be held against it; gives no value away. */
export function reviewLine(plan: Plan): string {
  return `what it does: \`${fingerprintOf(plan)}\``;
}

function fingerprintOf(plan: Plan): string {
  return createHash('sha256').update(planEssence(plan)).digest('hex').slice(0, 32);
}

/**
 * Holds a plan against the one in the comment of the merged pull request that brought the commit. Throws
 * `TERRAFORM_NOT_REVIEWED` when they do different things. A commit without such a pull request has nothing to be held
 * against: it is let through with a notice, as somebody pushed it past every review on purpose.
 */
export async function assertReviewed(
  plan: Plan,
  sha: string,
  marker: string,
  { api, log }: { api: GitHubApi; log: Log },
): Promise<void> {
  const pulls = await api.list(`/commits/${sha}/pulls`);
  const pull = pulls.find(({ merged_at }) => merged_at);
  const comment = pull && (await tryMarkedComment(api, Number(pull.number), marker));
  const shown = /what it does: `([0-9a-f]{32})`/.exec(comment?.body ?? '')?.[1];
  if (shown === undefined) {
    log.notice(`No pull request showed this plan before ${sha.slice(0, 12)} was pushed.`);
    return;
  }
  if (shown === fingerprintOf(plan)) {
    log.info(`This is the plan that pull request #${pull?.number} showed.`);
    return;
  }
  throw new UserError(
    'TERRAFORM_NOT_REVIEWED',
    `This plan does something else than the one that pull request #${pull?.number} showed: the ground or the code has changed since. ` +
      'Nothing was applied. Read this plan in the summary; to apply it, run the workflow by hand (workflow_dispatch).',
  );
}
