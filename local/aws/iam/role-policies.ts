import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  NoSuchEntityException,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from '@aws-sdk/client-iam';
import { iamClientsAt } from './iam-clients.ts';
import { parsePolicy } from './policy.ts';

/** What IAM says a role may do. A role that is not there (any more) has no policies. */
export type RolePermissions = {
  /** Inline and attached policies, parsed. */
  identity: readonly unknown[];
  boundary?: unknown;
  tags: Readonly<Record<string, string>>;
};

export interface RolePolicies {
  read(roleArn: string): Promise<RolePermissions>;
  /** One managed policy, parsed; `undefined` where there is none of that ARN. */
  readManaged(policyArn: string, accountId: string): Promise<unknown>;
  /** Lets the next read ask IAM again. */
  forget(): void;
}

/** So long an answer of IAM is good; changes that come through the gateway show at once. */
const FRESH_MS = 2_000;

const NOTHING: RolePermissions = { identity: [], tags: {} };

/**
 * Reads roles' policies over the IAM API at `endpoint`, and keeps each answer for two seconds. A first read
 * takes three calls and two for each attached policy.
 */
export function rolePoliciesAt(endpoint: string, now: () => number): RolePolicies {
  const clientOf = iamClientsAt(endpoint);
  const known = new Map<string, { readAt: number; answer: Promise<RolePermissions> }>();
  return {
    read(roleArn) {
      const kept = known.get(roleArn);
      if (kept && now() - kept.readAt < FRESH_MS) return kept.answer;
      const [, accountId = '', name = ''] =
        roleArn.match(/^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/) ?? [];
      const answer = readRole(clientOf(accountId), name);
      known.set(roleArn, { readAt: now(), answer });
      // A read that failed is not kept: the next call tries again.
      answer.catch(() => known.delete(roleArn));
      return answer;
    },
    readManaged: (policyArn, accountId) => orMissing(readManaged(clientOf(accountId), policyArn), undefined),
    forget: () => known.clear(),
  };
}

function readRole(client: IAMClient, RoleName: string): Promise<RolePermissions> {
  return orMissing(readPermissions(client, RoleName), NOTHING);
}

async function readPermissions(client: IAMClient, RoleName: string): Promise<RolePermissions> {
  const { Role } = await client.send(new GetRoleCommand({ RoleName }));
  const identity: unknown[] = [];
  for await (const page of paginateListRolePolicies({ client }, { RoleName })) {
    for (const PolicyName of page.PolicyNames ?? []) {
      const { PolicyDocument } = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      identity.push(parsePolicy(PolicyDocument));
    }
  }
  for await (const page of paginateListAttachedRolePolicies({ client }, { RoleName })) {
    for (const { PolicyArn = '' } of page.AttachedPolicies ?? [])
      identity.push(await readManaged(client, PolicyArn));
  }
  const boundaryArn = Role?.PermissionsBoundary?.PermissionsBoundaryArn;
  const tags = Object.fromEntries((Role?.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
  // A boundary that cannot be read lets nothing through: an empty document allows nothing.
  return boundaryArn === undefined
    ? { identity, tags }
    : { identity, tags, boundary: (await readManaged(client, boundaryArn)) ?? {} };
}

async function readManaged(client: IAMClient, PolicyArn: string): Promise<unknown> {
  const { Policy } = await client.send(new GetPolicyCommand({ PolicyArn }));
  const VersionId = Policy?.DefaultVersionId;
  const { PolicyVersion } = await client.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  return parsePolicy(PolicyVersion?.Document);
}

async function orMissing<T>(call: Promise<T>, missing: T): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NoSuchEntityException) return missing;
    throw error;
  }
}
