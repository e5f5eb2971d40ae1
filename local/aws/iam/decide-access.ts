import { conditionsHold } from './condition.ts';
import { type ConditionContext, expandVariables, matchesGlob } from './pattern.ts';
import { matchesAction, type Statement, statementsOf, textsOf } from './policy.ts';

/** An action (`ecs:UpdateService`) on one resource: a full ARN, or `*` for an action without resources. */
export type AccessRequest = { action: string; resource: string; context: ConditionContext };

/** The policies that bear on a role's request, each a parsed document. */
export type CallerPolicies = {
  /** Inline and attached policies of the role. */
  identity: readonly unknown[];
  /** The role's permissions boundary; absent when it has none. */
  boundary?: unknown;
  /** Policies that were given with AssumeRole; absent or empty when none were. */
  session?: readonly unknown[];
};

export type PolicyKind = 'identity-based policy' | 'permissions boundary' | 'session policy';

export type AccessDecision =
  | { allowed: true }
  | { allowed: false; reason: 'explicit-deny' | 'no-allow'; by: PolicyKind };

/**
 * Decides whether a role may do something, as within one account and without a resource policy: a deny in any
 * policy wins; else its identity policies have to allow it, and so has each of boundary and session policies
 * that is there. Of several reasons to refuse, the first in that order is given.
 *
 * What cannot be understood allows nothing: a condition operator that is not known here does not hold in an
 * allow and holds in a deny.
 * Source: IAM user guide, "Policy evaluation logic" (read 2026-11).
 */
export function decideAccess(policies: CallerPolicies, request: AccessRequest): AccessDecision {
  const layers = layersOf(policies).map(({ by, documents }) => ({
    by,
    effect: effectOf(documents, request),
  }));
  const denier = layers.find(({ effect }) => effect === 'deny');
  if (denier) return { allowed: false, reason: 'explicit-deny', by: denier.by };
  const silent = layers.find(({ effect }) => effect === 'none');
  return silent ? { allowed: false, reason: 'no-allow', by: silent.by } : { allowed: true };
}

type Layer = { by: PolicyKind; documents: readonly unknown[] };

function layersOf({ identity, boundary, session }: CallerPolicies): Layer[] {
  const layers: Layer[] = [{ by: 'identity-based policy', documents: identity }];
  if (boundary !== undefined) layers.push({ by: 'permissions boundary', documents: [boundary] });
  if (session?.length) layers.push({ by: 'session policy', documents: session });
  return layers;
}

function effectOf(documents: readonly unknown[], request: AccessRequest): 'deny' | 'allow' | 'none' {
  const effects = documents
    .flatMap(statementsOf)
    .filter((statement) => applies(statement, request))
    .map(({ effect }) => effect);
  if (effects.includes('Deny')) return 'deny';
  return effects.includes('Allow') ? 'allow' : 'none';
}

function applies(statement: Statement, { action, resource, context }: AccessRequest): boolean {
  return (
    matchesAction(statement, action) &&
    matchesResource(statement, resource, context) &&
    conditionsHold(statement.condition, context, {
      hasVariables: statement.hasVariables,
      ifUnknown: statement.effect === 'Deny',
    })
  );
}

function matchesResource(statement: Statement, resource: string, context: ConditionContext): boolean {
  const matches = (written: string): boolean => {
    const pattern = statement.hasVariables ? expandVariables(written, context) : written;
    return pattern !== undefined && matchesGlob(pattern, resource);
  };
  const { notResource } = statement;
  return notResource === undefined
    ? textsOf(statement.resource).some(matches)
    : !textsOf(notResource).some(matches);
}

/** Says in AWS's words why a request is refused. `user` is the caller's ARN. */
export function renderDenial(
  user: string,
  { action, resource }: Pick<AccessRequest, 'action' | 'resource'>,
  decision: Extract<AccessDecision, { allowed: false }>,
): string {
  const because =
    decision.reason === 'explicit-deny'
      ? `with an explicit deny in ${decision.by.startsWith('i') ? 'an' : 'a'} ${decision.by}`
      : `because no ${decision.by} allows the ${action} action`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
}
