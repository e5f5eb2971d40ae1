import { renderTable } from '../report/table.ts';
import type { CheckResult, SmokeVerdict } from './run-check.ts';

/** A check's result with the service and file it belongs to; `service` is empty for the input `file`. */
export interface ServiceCheckResult extends CheckResult {
  readonly service: string;
  readonly file: string;
}

/** The worst of the verdicts: one `fail` makes it `fail`, else one `error` makes it `error`. None at all: `pass`. */
export function worstVerdict(results: readonly { verdict: SmokeVerdict }[]): SmokeVerdict {
  const order: readonly SmokeVerdict[] = ['fail', 'error', 'pass'];
  return order.find((verdict) => results.some((result) => result.verdict === verdict)) ?? 'pass';
}

/** `✓ health: right 3 times in a row (0.3 s)`, or what was wrong. */
export function renderLine({ check, verdict, attempts, seconds, problems }: CheckResult): string {
  const time = `${seconds.toFixed(1)} s, ${attempts} request${attempts === 1 ? '' : 's'}`;
  if (verdict === 'pass') return `✓ ${check.name} (${time})`;
  return `✗ ${check.name}: ${verdict}: ${problems.join('; ')} (${time})`;
}

/** The page's part: one row a check, the problems on lines of their own. */
export function renderSmokeSummary(results: readonly ServiceCheckResult[]): string {
  const rows = results.map(({ service, file, check, verdict, attempts, seconds, problems }) => [
    service || file,
    check.name,
    verdict,
    String(attempts),
    seconds.toFixed(1),
    problems.join('\n'),
  ]);
  const title = `### Smoke test: ${worstVerdict(results)}`;
  return `${title}\n\n${renderTable(['Service', 'Check', 'Verdict', 'Requests', 'Seconds', 'Problems'], rows)}`;
}

/** The sentence of a red step: how many checks of which services, and what the worst means. `undefined` when all passed. */
export function failureSentence(results: readonly ServiceCheckResult[]): string | undefined {
  const bad = results.filter(({ verdict }) => verdict !== 'pass');
  if (bad.length === 0) return undefined;
  const whose = [...new Set(bad.map(({ service, file }) => service || file))].join(', ');
  return `Smoke test: ${bad.length} of ${results.length} checks did not pass (${whose}). ${meaningOf(bad)}`;
}

function meaningOf(bad: readonly ServiceCheckResult[]): string {
  if (worstVerdict(bad) === 'fail') return 'What serves answers wrongly; roll it back.';
  if (bad.every(({ isInterrupted }) => isInterrupted))
    return 'The run was interrupted, so nothing is known of what serves.';
  return 'Nobody could be asked; see that the address is right and can be reached from this runner.';
}
