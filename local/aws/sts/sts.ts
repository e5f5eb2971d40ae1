import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
  GetCallerIdentityResponse,
} from '@aws-sdk/client-sts';
import { AwsFault } from '../fault.ts';
import type { RequestContext } from '../wire/service.ts';
import type { CredentialStore } from './credentials.ts';
import type { IamRecords, RoleRecord } from './iam-records.ts';
import { sessionArn } from './role-session.ts';
import { readSessionPolicies, type SessionPolicyInput } from './session-policies.ts';
import { decideTrust, type TrustPrincipal } from './trust-policy.ts';
import { conditionKeysOf, verifyWebIdentity } from './web-identity-token.ts';

/** Source: botocore's service model of STS. */
export const STS_NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

export type StsOptions = {
  credentials: CredentialStore;
  iam: IamRecords;
  /** Where an issuer's keys are (JWKS URL), by the token's `iss`. */
  issuers: Readonly<Record<string, string>>;
  /** Reads a managed policy for a session; without it no session policy can be named by its ARN. */
  readManagedPolicy?: (arn: string, accountId: string) => Promise<unknown>;
};

const DEFAULT_DURATION_SECONDS = 3600;
const SHORTEST_DURATION_SECONDS = 900;
const LONGEST_CHAINED_SECONDS = 3600;

/**
 * STS: roles for web identities and for AWS callers, and who the caller is.
 *
 * A web identity's token is verified and the role's trust policy evaluated; a refusal does not tell whether
 * the role exists. The caller's own permission to assume a role is IAM's part (`enforceIam`).
 */
export function createSts(options: StsOptions) {
  return {
    handlers: {
      AssumeRoleWithWebIdentity: (input: AssumeRoleWithWebIdentityRequest, context: RequestContext) =>
        assumeWithWebIdentity(options, input, context),
      AssumeRole: (input: AssumeRoleRequest, context: RequestContext) => assume(options, input, context),
      GetCallerIdentity: (_input: object, context: RequestContext) =>
        identityOf(options.credentials, context),
    },
  };
}

async function assumeWithWebIdentity(
  options: StsOptions,
  input: AssumeRoleWithWebIdentityRequest,
  context: RequestContext,
): Promise<AssumeRoleWithWebIdentityResponse> {
  const { iam, issuers } = options;
  const roleArn = input.RoleArn ?? '';
  const accountId = accountOf(roleArn);
  assertSession(input.RoleSessionName, input.DurationSeconds);
  const identity = await verifyWebIdentity(input.WebIdentityToken ?? '', {
    issuers,
    clientIdsOf: (provider) => iam.readProviderClientIds(accountId, provider),
    now: context.now,
  });
  const providerArn = `arn:aws:iam::${accountId}:oidc-provider/${identity.provider}`;
  const role = await iam.readRole(roleArn);
  const action = 'sts:AssumeRoleWithWebIdentity';
  const principal: TrustPrincipal = { kind: 'federated', providerArn };
  const keys = conditionKeysOf(identity).set('sts:rolesessionname', [input.RoleSessionName ?? '']);
  if (!role || !decideTrust(role.trustPolicy, { action, principal, context: keys }).trusted) {
    throw new AwsFault('AccessDenied', `Not authorized to perform ${action}`, 403);
  }
  return {
    ...(await issue(options, role, input)),
    SubjectFromWebIdentityToken: identity.subject,
    Audience: identity.audience,
    Provider: providerArn,
  };
}

async function assume(
  options: StsOptions,
  input: AssumeRoleRequest,
  context: RequestContext,
): Promise<AssumeRoleResponse> {
  const { credentials, iam } = options;
  const roleArn = input.RoleArn ?? '';
  accountOf(roleArn);
  assertSession(input.RoleSessionName, input.DurationSeconds);
  const isChained = context.roleArn !== undefined;
  if (isChained && (input.DurationSeconds ?? 0) > LONGEST_CHAINED_SECONDS) {
    throw invalid(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  const role = await iam.readRole(roleArn);
  const arn = context.roleArn ?? `arn:aws:iam::${context.accountId}:root`;
  const principal: TrustPrincipal = { kind: 'aws', accountId: context.accountId, arn };
  const keys = new Map([
    ['aws:principalarn', [arn]],
    ['sts:rolesessionname', [input.RoleSessionName ?? '']],
  ]);
  if (input.ExternalId !== undefined) keys.set('sts:externalid', [input.ExternalId]);
  for (const { Key, Value } of input.Tags ?? [])
    keys.set(`aws:requesttag/${Key}`.toLowerCase(), [Value ?? '']);
  const actions = input.Tags?.length ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole'];
  for (const action of actions) {
    const trusted = decideTrust(role?.trustPolicy, { action, principal, context: keys }).trusted;
    if (!trusted) throw refused(identityOf(credentials, context).Arn, action, roleArn);
  }
  if (!role) throw refused(arn, 'sts:AssumeRole', roleArn);
  return issue(options, role, input);
}

function refused(caller: string | undefined, action: string, roleArn: string): AwsFault {
  const message = `User: ${caller} is not authorized to perform: ${action} on resource: ${roleArn}`;
  return new AwsFault('AccessDenied', message, 403);
}

type Session = SessionPolicyInput & {
  RoleSessionName?: string;
  DurationSeconds?: number;
  Tags?: readonly { Key?: string; Value?: string }[];
};

async function issue({ credentials, readManagedPolicy }: StsOptions, role: RoleRecord, input: Session) {
  const { RoleSessionName: sessionName = '', Tags = [] } = input;
  const durationSeconds = input.DurationSeconds ?? DEFAULT_DURATION_SECONDS;
  if (durationSeconds > role.maxSessionSeconds) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  const { arn: roleArn, roleId } = role;
  const accountId = accountOf(roleArn);
  const readManaged = async (arn: string) => readManagedPolicy?.(arn, accountId);
  const sessionPolicies = await readSessionPolicies(input, readManaged);
  const sessionTags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  const request = { roleArn, accountId, roleId, sessionName, durationSeconds, sessionPolicies, sessionTags };
  return {
    Credentials: credentials.issue(request),
    AssumedRoleUser: { AssumedRoleId: `${roleId}:${sessionName}`, Arn: sessionArn(request) },
    PackedPolicySize: 0,
  };
}

function identityOf(credentials: CredentialStore, context: RequestContext): GetCallerIdentityResponse {
  const session = credentials.lookup(context.accessKeyId);
  if (!session) {
    const Arn = `arn:aws:iam::${context.accountId}:root`;
    return { UserId: context.accountId, Account: context.accountId, Arn };
  }
  return {
    UserId: `${session.roleId ?? 'AROALOCAL'}:${session.sessionName}`,
    Account: session.accountId,
    Arn: sessionArn(session),
  };
}

function accountOf(roleArn: string): string {
  const accountId = roleArn.match(/^arn:aws:iam::(\d{12}):role\/.+$/)?.[1];
  if (!accountId) throw invalid(`${roleArn} is invalid`);
  return accountId;
}

function assertSession(name: string | undefined, durationSeconds: number | undefined): void {
  if (!/^[\w+=,.@-]{2,64}$/.test(name ?? '')) {
    throw invalid(
      `1 validation error detected: Value '${name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
    );
  }
  if (durationSeconds !== undefined && durationSeconds < SHORTEST_DURATION_SECONDS) {
    throw invalid(
      `1 validation error detected: Value '${durationSeconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to ${SHORTEST_DURATION_SECONDS}`,
    );
  }
}

const invalid = (message: string): AwsFault => new AwsFault('ValidationError', message);
