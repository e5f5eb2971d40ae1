import type { CostChange } from '../decide/cost/plan-cost.ts';
import { countChanges, realChanges } from '../decide/plan-summary.ts';
import type { PolicyCheck } from '../decide/policy-findings.ts';
import type { Plan, PlannedAction } from '../terraform/plan-json.ts';
import { renderByUse, renderCostSentence, renderLeftOut, renderSigned, renderUsd } from './cost.ts';
import { renderTable } from './table.ts';

/** All that is shown of a plan. */
export interface PlanReport {
  readonly environment: string;
  readonly root: string;
  readonly plan: Plan;
  /** What `terraform show` prints, without the values that must not be shown. */
  readonly text: string;
  readonly cost: CostChange;
  /** Where and when the prices are from, as `list prices of us-east-1, read 2026-11-21`. */
  readonly prices: string;
  readonly policy: PolicyCheck;
  /** Lines under all others: the commit, the run, the digest. */
  readonly notes: readonly string[];
}

/** GitHub takes 65,536 characters in a comment; what a page of it adds is left free. */
const LIMIT = 60_000;
const MOST_ROWS = 50;

/** `2 to add, 1 to change, 0 to destroy`, or `no changes`. */
export function renderCounts(plan: Plan): string {
  const { add, change, destroy } = countChanges(plan.changes);
  if (add + change + destroy > 0) return `${add} to add, ${change} to change, ${destroy} to destroy`;
  const others = realChanges(plan.changes).length;
  if (others > 0) return `${others} to forget`;
  return plan.outputs.length > 0 ? `only outputs change: ${plan.outputs.join(', ')}` : 'no changes';
}

/**
 * A plan as Markdown: what changes, what that costs, which rules it breaks, and the whole plan folded. At most 60,000
 * characters: the plan's text is cut at the end of a line, and says so.
 */
export function renderPlanReport(report: PlanReport): string {
  const { environment, root, plan, cost, policy, notes } = report;
  const head = [
    `### Terraform: ${environment}, \`${root}\``,
    `**${renderCounts(plan)}** · ${renderCostSentence(cost)} · ${renderPolicyCount(policy)}`,
    renderChanges(plan),
    fold('What it costs', renderCost(report)),
    policy.kind === 'checked' && policy.findings.length > 0
      ? fold('Policy findings', renderFindings(policy))
      : '',
  ];
  const foot = notes.join(' · ');
  const used = [...head, foot].join('\n\n').length;
  return [...head, renderText(report.text, LIMIT - used), foot].filter((part) => part !== '').join('\n\n');
}

const WORDS: Readonly<Record<PlannedAction, string>> = {
  delete: '**destroy**',
  replace: '**replace**',
  update: 'change',
  create: 'add',
  forget: 'forget',
  read: 'read',
  'no-op': '',
};
/** What is lost stands first. */
const ORDER: readonly PlannedAction[] = ['delete', 'replace', 'update', 'create', 'forget'];

function renderChanges({ changes }: Plan): string {
  const rows = realChanges(changes)
    .sort((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action))
    .map(({ action, address }) => [WORDS[action], `\`${address}\``]);
  const more = rows.length - MOST_ROWS;
  const table = renderTable(['Action', 'Resource'], rows.slice(0, MOST_ROWS));
  return more > 0 ? `${table}\n\n… and ${more} more, in the plan below.` : table;
}

function renderCost({ cost, prices }: PlanReport): string {
  const rows = cost.lines.map(({ component, before, after }) => [
    component,
    renderUsd(before),
    renderUsd(after),
    renderSigned(after - before),
  ]);
  const bullets = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? '' : [title, ...lines.map((line) => `- ${line}`)].join('\n');
  return [
    renderTable(['Component', 'Now', 'After', 'Change'], rows),
    `The root in all: ${renderUsd(cost.before)} now, ${renderUsd(cost.after)} after, a month, at ${prices}.`,
    bullets('By use, not in the sum:', renderByUse(cost.byUse)),
    bullets('Left out, as no price is known:', renderLeftOut(cost.leftOut)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function renderPolicyCount(policy: PolicyCheck): string {
  if (policy.kind === 'not-checked') return `policies not checked: ${policy.why}`;
  const { length } = policy.findings;
  return length === 0 ? 'no policy findings' : `${length} policy finding${length === 1 ? '' : 's'}`;
}

function renderFindings({ findings }: Extract<PolicyCheck, { kind: 'checked' }>): string {
  const rows = findings.map(({ rule, what, resource }) => [rule, what, `\`${resource}\``]);
  const more = rows.length - MOST_ROWS;
  const table = renderTable(['Rule', 'What it asks for', 'Resource'], rows.slice(0, MOST_ROWS));
  return more > 0 ? `${table}\n\n… and ${more} more, in the log of the run.` : table;
}

function fold(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}

/** A fence is longer than any in the text, so that no text of a plan ends it. */
function renderText(text: string, room: number): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const folded = (shown: string): string => fold('Plan', `${fence}text\n${shown}\n${fence}`);
  const space = room - folded('').length - CUT.length - 10;
  if (text.length <= space) return folded(text);
  const cut = text.slice(0, Math.max(0, space));
  return folded(`${cut.slice(0, cut.lastIndexOf('\n') + 1)}${CUT}`);
}

const CUT = '… cut here; the whole plan is in the log of the run.';
