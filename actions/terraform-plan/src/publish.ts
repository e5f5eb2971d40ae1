import { UserError } from '../../core/src/errors.ts';
import type { ActionDeps } from '../../core/src/github/action-run.ts';
import { githubApi } from '../../core/src/github/api.ts';
import { markerOf, putMarkedComment } from '../../core/src/github/marked-comment.ts';
import { closeMarkedIssue, type IssueSubject, putMarkedIssue } from '../../core/src/github/marked-issue.ts';

/** One root module in one environment, as its comments and issues name it. */
export interface Subject {
  readonly environment: string;
  readonly root: string;
}

export const commentMarker = ({ environment, root }: Subject): string =>
  markerOf('terraform-plan', environment, root);

/** The pull request of the event. Throws where the event has none, before anything is planned. */
export function pullRequestOf({ event, eventName }: ActionDeps['github']): number {
  const { pull_request } = event as { pull_request?: { number?: unknown } };
  if (typeof pull_request?.number === 'number') return pull_request.number;
  throw new UserError(
    'INPUT_NO_PULL_REQUEST',
    `"report-to: pull-request" needs an event of a pull request; this one is ${eventName || 'none'}. Write "report-to: summary".`,
  );
}

/** Writes the one comment of the pull request. */
export async function publishComment(
  subject: Subject,
  report: string,
  token: string | undefined,
  { github, log }: Pick<ActionDeps, 'github' | 'log'>,
): Promise<void> {
  const number = pullRequestOf(github);
  const api = githubApi(github, token, 'pull-requests: write');
  await putMarkedComment(api, number, commentMarker(subject), report);
  log.info(`Shown in pull request #${number}.`);
}

/** Opens, rewrites or closes the one issue of drift. */
export async function publishDrift(
  subject: Subject,
  drift: { readonly report: string; readonly found: boolean; readonly run: string },
  token: string | undefined,
  { github, log }: Pick<ActionDeps, 'github' | 'log'>,
): Promise<void> {
  const api = githubApi(github, token, 'issues: write');
  const issue: IssueSubject = {
    marker: markerOf('terraform-drift', subject.environment, subject.root),
    title: `Drift in ${subject.environment}: ${subject.root}`,
    label: 'terraform-drift',
  };
  if (drift.found) {
    const text = `What is there differs from what the code of the default branch says. Apply the code, or write into it what was changed by hand; the next check closes this.\n\n${drift.report}`;
    const number = await putMarkedIssue(api, issue, text);
    log.warning(`There is drift; see issue #${number}.`);
    return;
  }
  const number = await closeMarkedIssue(api, issue, `No difference is left (${drift.run}).`);
  log.info(
    number === undefined ? 'There is no drift.' : `There is no drift any more; closed issue #${number}.`,
  );
}
