import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ListenerRecord } from '../records.ts';

/** What rules look at. `host` is without a port; `path` without the query. */
export interface RequestLine {
  host: string;
  path: string;
}

/** Matches a text against a pattern in which `*` is any text and `?` is one character. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (character) =>
    character === '*' ? '.*' : character === '?' ? '.' : `\\${character}`,
  );
  return new RegExp(`^${source}$`, 's').test(text);
}

/** The values of a path-pattern or host-header condition, in whichever of the two members they came. */
export function conditionValues(condition: RuleCondition): string[] {
  const config = condition.Field === 'host-header' ? condition.HostHeaderConfig : condition.PathPatternConfig;
  return config?.Values ?? condition.Values ?? [];
}

/** Paths are compared case-sensitively, host names are not; one matching value is enough. */
export function matchesCondition(condition: RuleCondition, { host, path }: RequestLine): boolean {
  const values = conditionValues(condition);
  if (condition.Field === 'path-pattern') return values.some((value) => matchesPattern(value, path));
  if (condition.Field !== 'host-header') return false;
  return values.some((value) => matchesPattern(value.toLowerCase(), host.toLowerCase()));
}

/** The actions of the rule with the lowest priority whose conditions all match, else the default ones. */
export function selectActions(
  listener: Pick<ListenerRecord, 'rules' | 'defaultActions'>,
  line: RequestLine,
): Action[] {
  const matching = listener.rules
    .filter((rule) => rule.conditions.every((condition) => matchesCondition(condition, line)))
    .sort((a, b) => a.priority - b.priority);
  return matching[0]?.actions ?? listener.defaultActions;
}
