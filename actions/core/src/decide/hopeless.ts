import { explainStop, type StopCause, type StoppedTask } from './stop-reason.ts';
import { STOP_RULES } from './stop-rules.ts';

/** Rule name to how many stopped tasks of a deployment are enough; 0: never. */
export type HopelessRules = Readonly<Record<string, number>>;

/** Why waiting on makes no sense: the rule, how many tasks it counted, and one of them. */
export interface HopelessFinding {
  rule: string;
  count: number;
  cause: StopCause;
}

/** A missing permission may be one that IAM has not spread yet, so it takes a second task to believe it. */
const SPREADS_SLOWLY = /access-denied|role-not-assumable|log-group-missing/;

/**
 * The table that `hopeless-after` tunes: every kind of `STOP_RULES` that no further try can mend, and two for
 * what a program does again and again: the same container with the same exit code that is not 0, and the
 * same failed health check.
 */
export const HOPELESS_RULES: HopelessRules = {
  ...Object.fromEntries(
    STOP_RULES.filter(({ hopeless }) => hopeless).map(({ kind }) => [
      kind,
      SPREADS_SLOWLY.test(kind) ? 2 : 1,
    ]),
  ),
  'same-exit': 3,
  'same-health-check': 3,
};

/**
 * Looks among the stopped tasks of one deployment for a sign that it cannot succeed; the rule that most tasks
 * meet wins. Tasks that ECS stopped for no failure count for nothing.
 */
export function findHopeless(
  tasks: readonly StoppedTask[],
  rules: HopelessRules,
): HopelessFinding | undefined {
  const causes = tasks.flatMap((task) => explainStop(task) ?? []);
  const signs = causes.flatMap((cause) => signsOf(cause).map((sign) => ({ ...sign, cause })));
  return [...Map.groupBy(signs, ({ key }) => key).values()]
    .flatMap((group) => {
      const [first] = group;
      const enough = first ? (rules[first.rule] ?? 0) : 0;
      if (!first || enough === 0 || group.length < enough) return [];
      return [{ rule: first.rule, count: group.length, cause: first.cause }];
    })
    .sort((a, b) => b.count - a.count)
    .at(0);
}

/**
 * Reads `rule=count` pairs with commas or line ends between them, a count or `off`, over the defaults; `off`
 * alone switches every rule off. Gives the fault in words when the text is not of that form.
 */
export function readHopelessRules(text: string): { rules: HopelessRules } | { fault: string } {
  if (text.trim() === 'off') return { rules: {} };
  const rules: Record<string, number> = { ...HOPELESS_RULES };
  for (const pair of text.split(/[,\n]/).map((part) => part.trim())) {
    if (pair === '') continue;
    const [, rule = '', count = ''] = /^([\w-]+) *= *(\d{1,3}|off)$/.exec(pair) ?? [];
    if (!Object.hasOwn(HOPELESS_RULES, rule)) return { fault: pair };
    rules[rule] = count === 'off' ? 0 : Number(count);
  }
  return { rules };
}

function signsOf(cause: StopCause): { rule: string; key: string }[] {
  const { kind, container, exitCode, stoppedReason } = cause;
  const signs = [{ rule: kind, key: kind }];
  if (exitCode !== undefined && exitCode !== 0)
    signs.push({ rule: 'same-exit', key: `${container} ${exitCode}` });
  if (kind.startsWith('health-check-')) signs.push({ rule: 'same-health-check', key: `${stoppedReason}` });
  return signs;
}
