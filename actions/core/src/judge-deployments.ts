import { decideWithoutDeployment, type Verdict } from './decide/verdict.ts';
import { selectWorst } from './decide/verdict-order.ts';
import type { ServiceDeploymentItem } from './deployments-json.ts';
import { readServiceRevisions } from './ecs/service-revision.ts';
import { type FollowDeps, type FollowOptions, type FollowOutcome, followDeployments } from './follow.ts';
import { renderCauseLine } from './report/cause-block.ts';
import { renderTable } from './report/table.ts';
import { renderTimeline } from './report/timeline.ts';
import { renderNextStep, renderVerdict } from './report/verdict-sentence.ts';
import {
  renderCauseSections,
  SUMMARY_HEAD,
  type SummaryRow,
  summaryCells,
} from './report/verdict-summary.ts';

/** One element of the JSON list `verdicts`. `cause` is one line; `seconds` counts the wait. */
export interface VerdictItem {
  service: string;
  verdict: Verdict['word'];
  green: boolean;
  by?: Verdict['by'];
  reason: string;
  serviceDeploymentArn: string | null;
  taskDefinitionArn: string;
  seconds: number;
  cause?: string;
  /** What was seen to run, where a success was proven. */
  proof?: string;
}

/**
 * Follows the deployments of a list to their verdicts, in the order of the list. An item without a service
 * deployment is judged by whether anything was written.
 */
export async function judgeDeployments(
  items: readonly ServiceDeploymentItem[],
  options: FollowOptions,
  deps: FollowDeps,
): Promise<SummaryRow[]> {
  const followed = items.flatMap((item) =>
    item.serviceDeploymentArn ? [{ ...item, serviceDeploymentArn: item.serviceDeploymentArn }] : [],
  );
  const outcomes = await followDeployments(followed, options, deps);
  const byArn = new Map(outcomes.map((outcome) => [outcome.followed.serviceDeploymentArn, outcome]));
  const digests = await readDigests(outcomes, deps);
  return items.map((item) => {
    const outcome = byArn.get(item.serviceDeploymentArn ?? '');
    return {
      ...item,
      verdict: outcome?.verdict ?? decideWithoutDeployment(item.changed),
      seconds: outcome?.seconds ?? 0,
      cause: outcome?.cause,
      requestedCount: outcome?.reading?.target?.requested,
      phases: outcome?.phases ?? [],
      endedAt: outcome?.endedAt ?? 0,
      digests: digests.get(outcome?.reading?.target?.serviceRevisionArn ?? '') ?? [],
    };
  });
}

/** The rows as the JSON of an output. */
export function toVerdictItems(rows: readonly SummaryRow[]): VerdictItem[] {
  return rows.map(({ verdict, cause, ...row }) => ({
    service: row.service,
    verdict: verdict.word,
    green: verdict.green,
    by: verdict.by,
    reason: verdict.reason,
    serviceDeploymentArn: row.serviceDeploymentArn,
    taskDefinitionArn: row.taskDefinitionArn,
    seconds: Math.round(row.seconds * 10) / 10,
    cause: cause && renderCauseLine(cause),
    proof: row.proof,
  }));
}

/** The worst word of the rows, and the sentences of the red ones with the next step; no sentence when all are green. */
export function concludeOf(rows: readonly SummaryRow[]): { verdict: Verdict['word']; failure?: string } {
  const worst = selectWorst(rows.map(({ verdict }) => verdict));
  const red = rows.filter(({ verdict }) => !verdict.green);
  const failure = red.map((row) => `${renderVerdict(row)} ${renderNextStep(row)}`.trim()).join('\n');
  return { verdict: worst.word, ...(worst.green ? {} : { failure }) };
}

/** The job summary's Markdown: a table with the chain of each service, its timeline, below it the causes. */
export function renderSummary(title: string, rows: readonly SummaryRow[]): string {
  const table = renderTable(SUMMARY_HEAD, rows.map(summaryCells));
  const picture = renderTimeline(
    rows.map(({ service, phases = [], endedAt = 0, verdict }) => ({
      service,
      phases,
      endedAt,
      green: verdict.green,
    })),
  );
  return [`## ${title}`, table, picture, renderCauseSections(rows)]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Digests by service revision; they are an extra, so a refusal only leaves them out. */
async function readDigests(outcomes: FollowOutcome[], { ecs }: FollowDeps): Promise<Map<string, string[]>> {
  const arns = outcomes.flatMap(({ reading }) => reading?.target?.serviceRevisionArn || []);
  const revisions = await readServiceRevisions(ecs, arns).catch(() => new Map());
  return new Map(
    [...revisions].map(([arn, { images }]) => [
      arn,
      images.flatMap(({ digest }: { digest?: string }) => digest ?? []),
    ]),
  );
}
