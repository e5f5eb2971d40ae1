import type { FailureCause } from '../decide/failure-cause.ts';
import { familyRevisionOf } from '../decide/rollback-target.ts';
import { renderCause, renderCauseLine } from './cause-block.ts';
import type { Phase } from './timeline.ts';
import { type JudgedService, renderNextStep } from './verdict-sentence.ts';

/** One row of the summary: a judged service with the chain from commit to service deployment. */
export interface SummaryRow extends JudgedService {
  seconds: number;
  cause?: FailureCause;
  commit?: string;
  /** `sha256:…` of each container's image, where ECS has resolved it. */
  digests: string[];
  /** Tasks that ECS wanted of the revision when the verdict fell. */
  requestedCount?: number;
  /** What was seen to run, in words, where a success was proven. */
  proof?: string;
  /** What the deployment went through while it was followed. */
  phases?: readonly Phase[];
  /** When following ended, epoch milliseconds. */
  endedAt?: number;
}

export const SUMMARY_HEAD = [
  'Service',
  'Verdict',
  'Cause or proof',
  'Commit',
  'Digest',
  'Task definition',
  'Service deployment',
  'Seconds',
] as const;

/** The cells of the summary table, one list for each row; Markdown escapes are the table's business. */
export function summaryCells(row: SummaryRow): string[] {
  return [
    row.service,
    `${row.verdict.green ? '✅' : '❌'} ${row.verdict.word}`,
    row.cause ? renderCauseLine(row.cause) : [row.verdict.reason, row.proof].filter(Boolean).join('; '),
    row.commit?.slice(0, 12) ?? '',
    row.digests.map((digest) => digest.slice(0, 19)).join(', '),
    familyRevisionOf(row.taskDefinitionArn),
    row.serviceDeploymentArn?.split('/').at(-1) ?? '',
    row.seconds.toFixed(1),
  ];
}

/** Markdown below the table: for each red service its cause on one screen and the next step. */
export function renderCauseSections(rows: readonly SummaryRow[]): string {
  return rows
    .filter(({ verdict }) => !verdict.green)
    .map((row) => {
      const cause = row.cause ? ['', '````text', ...renderCause(row.cause), '````'] : [];
      return [`### ${row.service}: ${row.verdict.word}`, ...cause, '', renderNextStep(row)].join('\n');
    })
    .join('\n\n');
}
