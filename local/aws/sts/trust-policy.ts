import { conditionsHold } from '../iam/condition.ts';
import type { ConditionContext } from '../iam/pattern.ts';
import { isRecord, matchesAction, type Statement, statementsOf, textsOf } from '../iam/policy.ts';

/** Who asks for a role: an identity provider's subject, or an AWS account or role. */
export type TrustPrincipal =
  | { kind: 'federated'; providerArn: string }
  | { kind: 'aws'; accountId: string /** The role's ARN, or the account's root. */; arn: string }
  | { kind: 'service'; name: string };

export type TrustRequest = { action: string; principal: TrustPrincipal; context: ConditionContext };

/** Whether a trust policy lets a principal in, and which statement (counted from 0) decided it. */
export type TrustDecision =
  | { trusted: true; statement: number }
  | { trusted: false; reason: 'denied'; statement: number }
  | { trusted: false; reason: 'no-statement-allows' };

/**
 * Evaluates a role's trust policy: an explicit deny wins, then any allow, else no.
 *
 * `policy` is the parsed document. What cannot be understood lets nobody in: a statement of another form is
 * no allow, and a condition operator that is not known here does not hold in an allow and holds in a deny.
 * Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements" (read 2026-11).
 */
export function decideTrust(policy: unknown, request: TrustRequest): TrustDecision {
  let allowedBy: number | undefined;
  for (const [index, statement] of statementsOf(policy).entries()) {
    const isDeny = statement.effect === 'Deny';
    if (!isDeny && statement.effect !== 'Allow') continue;
    if (!matchesPrincipal(statement, request.principal) || !matchesAction(statement, request.action))
      continue;
    const reading = { hasVariables: statement.hasVariables, ifUnknown: isDeny };
    if (!conditionsHold(statement.condition, request.context, reading)) continue;
    if (isDeny) return { trusted: false, reason: 'denied', statement: index };
    allowedBy ??= index;
  }
  return allowedBy === undefined
    ? { trusted: false, reason: 'no-statement-allows' }
    : { trusted: true, statement: allowedBy };
}

function matchesPrincipal(statement: Statement, principal: TrustPrincipal): boolean {
  if (statement.notPrincipal !== undefined) return !namesPrincipal(statement.notPrincipal, principal);
  return namesPrincipal(statement.principal, principal);
}

function namesPrincipal(element: unknown, principal: TrustPrincipal): boolean {
  if (element === '*') return true;
  if (!isRecord(element)) return false;
  if (principal.kind === 'federated') return textsOf(element.Federated).includes(principal.providerArn);
  if (principal.kind === 'service') return textsOf(element.Service).includes(principal.name);
  const { accountId, arn } = principal;
  const names = ['*', accountId, `arn:aws:iam::${accountId}:root`, arn];
  return textsOf(element.AWS).some((name) => names.includes(name));
}
