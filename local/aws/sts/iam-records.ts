import { GetOpenIDConnectProviderCommand, GetRoleCommand, NoSuchEntityException } from '@aws-sdk/client-iam';
import { iamClientsAt } from '../iam/iam-clients.ts';
import { parsePolicy } from '../iam/policy.ts';

export type RoleRecord = {
  arn: string;
  /** `AROA…` */
  roleId: string;
  /** The parsed trust policy; `undefined` where it is no JSON. */
  trustPolicy: unknown;
  maxSessionSeconds: number;
};

/** What STS has to know of IAM. */
export interface IamRecords {
  /** The role of an ARN, or `undefined` when its account has no such role. */
  readRole(roleArn: string): Promise<RoleRecord | undefined>;
  /** The client ids of an account's OpenID Connect provider (named without scheme), `undefined` if none. */
  readProviderClientIds(accountId: string, provider: string): Promise<string[] | undefined>;
}

const DEFAULT_MAX_SESSION_SECONDS = 3600;

/**
 * Reads IAM records over the IAM API at `endpoint`, as the account that is asked about. Two calls a web
 * identity.
 */
export function iamRecordsAt(endpoint: string): IamRecords {
  const clientOf = iamClientsAt(endpoint);
  return {
    async readRole(roleArn) {
      const [, accountId, name] = roleArn.match(/^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/) ?? [];
      if (!accountId || !name) return undefined;
      const { Role: role } = await orNothing(
        clientOf(accountId).send(new GetRoleCommand({ RoleName: name })),
      );
      if (role?.Arn !== roleArn) return undefined;
      return {
        arn: roleArn,
        roleId: role.RoleId ?? '',
        trustPolicy: parsePolicy(role.AssumeRolePolicyDocument),
        maxSessionSeconds: role.MaxSessionDuration ?? DEFAULT_MAX_SESSION_SECONDS,
      };
    },
    async readProviderClientIds(accountId, provider) {
      const arn = `arn:aws:iam::${accountId}:oidc-provider/${provider}`;
      const command = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
      const answer = await orNothing(clientOf(accountId).send(command));
      return answer.Url === undefined ? undefined : (answer.ClientIDList ?? []);
    },
  };
}

async function orNothing<T extends object>(call: Promise<T>): Promise<Partial<T>> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NoSuchEntityException) return {};
    throw error;
  }
}
