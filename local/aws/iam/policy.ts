import { matchesPattern } from '../glob.ts';

/** One statement of a policy, its elements as they are written; an element that is not there is `undefined`. */
export type Statement = {
  effect: string;
  principal: unknown;
  notPrincipal: unknown;
  action: unknown;
  notAction: unknown;
  resource: unknown;
  notResource: unknown;
  condition: unknown;
  /** Whether `${…}` means a variable: only in policies of version 2012-10-17. */
  hasVariables: boolean;
};

const VERSION_WITH_VARIABLES = '2012-10-17';

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The statements of a parsed policy document, in order; what is no statement is left out. */
export function statementsOf(policy: unknown): Statement[] {
  if (!isRecord(policy)) return [];
  const list: unknown[] = Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement];
  return list.filter(isRecord).map((statement) => ({
    effect: String(statement.Effect),
    principal: statement.Principal,
    notPrincipal: statement.NotPrincipal,
    action: statement.Action,
    notAction: statement.NotAction,
    resource: statement.Resource,
    notResource: statement.NotResource,
    condition: statement.Condition,
    hasVariables: policy.Version === VERSION_WITH_VARIABLES,
  }));
}

/** A text or a list of texts as a list; anything else is an empty one. */
export function textsOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === 'string');
}

/** Whether a statement is about an action (`ecs:UpdateService`), compared without regard to case. */
export function matchesAction(
  { action, notAction }: Pick<Statement, 'action' | 'notAction'>,
  asked: string,
): boolean {
  const matches = (pattern: string) => matchesPattern(pattern.toLowerCase(), asked.toLowerCase());
  return notAction === undefined ? textsOf(action).some(matches) : !textsOf(notAction).some(matches);
}

/** A policy document from IAM: JSON, URL-encoded or plain. `undefined` where it is neither. */
export function parsePolicy(document: string | undefined): unknown {
  if (document === undefined) return undefined;
  try {
    return JSON.parse(document.trimStart().startsWith('{') ? document : decodeURIComponent(document));
  } catch {
    return undefined;
  }
}
