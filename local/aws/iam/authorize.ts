import { type RoleSession, sessionArn } from '../sts/role-session.ts';
import type { RequestContext } from '../wire/service.ts';
import type { AccessNeed } from './access-need.ts';
import { type AccessRequest, type CallerPolicies, decideAccess, renderDenial } from './decide-access.ts';
import { conditionContext } from './request-keys.ts';
import type { RolePolicies } from './role-policies.ts';

export type AuthorizerOptions = {
  /** The role session behind an access key; a key without one belongs to the account's root. */
  sessionOf: (accessKeyId: string) => RoleSession | undefined;
  policies: Pick<RolePolicies, 'read'>;
  /** Tags of a resource that is there; asked only where a policy looks at them. */
  tagsOf: (resourceArn: string, context: RequestContext) => Promise<Readonly<Record<string, string>>>;
  /** Whether the resource itself lets the caller's role in by name (a trust policy), in the same account. */
  isNamedByResource: (roleArn: string, resourceArn: string) => Promise<boolean>;
};

/** Gives the sentence of the refusal when a call is not allowed, `undefined` when it is. */
export type Authorize = (
  needs: readonly AccessNeed[],
  context: RequestContext,
) => Promise<string | undefined>;

/**
 * Checks calls against the policies of the role that makes them. Root keys may do everything; a role needs
 * every permission on every resource. The first that is missing is named.
 */
export function createAuthorizer(options: AuthorizerOptions): Authorize {
  return async (needs, context) => {
    const session = options.sessionOf(context.accessKeyId);
    if (!session) return undefined;
    const role = await options.policies.read(session.roleArn);
    const { identity, boundary } = role;
    const policies = { identity, boundary, session: session.sessionPolicies };
    const readsTags = JSON.stringify(policies).toLowerCase().includes('resourcetag/');
    for (const need of needs) {
      for (const resource of need.resources) {
        const resourceTags =
          readsTags && !resource.includes('*') ? await options.tagsOf(resource, context) : {};
        const keys = conditionContext({
          session,
          roleTags: role.tags,
          context,
          need,
          resource,
          resourceTags,
        });
        const denial = await decide(options, session, policies, {
          action: need.action,
          resource,
          context: keys,
        });
        if (denial) return denial;
      }
    }
    return undefined;
  };
}

async function decide(
  { isNamedByResource }: AuthorizerOptions,
  session: RoleSession,
  policies: CallerPolicies,
  request: AccessRequest,
): Promise<string | undefined> {
  const decision = decideAccess(policies, request);
  if (decision.allowed) return undefined;
  const user = sessionArn(session);
  if (decision.reason === 'explicit-deny' || decision.by !== 'identity-based policy') {
    return renderDenial(user, request, decision);
  }
  if (!(await isNamedByResource(session.roleArn, request.resource)))
    return renderDenial(user, request, decision);
  // The resource's policy stands in for an identity policy; boundary and session policy still narrow it.
  const granted = { Statement: { Effect: 'Allow', Action: request.action, Resource: '*' } };
  const second = decideAccess({ ...policies, identity: [...policies.identity, granted] }, request);
  return second.allowed ? undefined : renderDenial(user, request, second);
}
