import type { SecretsClient, SsmClient } from '../../core/src/aws-clients.ts';
import type { NeededThing } from '../../core/src/decide/preflight.ts';
import { readPages } from '../../core/src/ecs/batches.ts';
import { isAwsFailure } from '../../core/src/errors.ts';
import { type Found, look } from './look.ts';

/** `arn:…:secret:NAME-6chars:json-key:version-stage:version-id`, of which the last three may be empty or left out. */
const SECRET = /^(arn:[\w-]+:secretsmanager:[\w-]+:\d+:secret:[^:]+)(?::([^:]*))?(?::([^:]*))?(?::([^:]*))?$/;

/** A secret by way of Systems Manager; its name comes last. */
const BY_PARAMETER = /^(?:arn:[\w-]+:ssm:[\w-]+:\d+:parameter)?\/aws\/reference\/secretsmanager\/(.+)$/;

/** Where a task definition lives; what is elsewhere cannot be looked for from here. Both absent: not known. */
export interface Home {
  region?: string | undefined;
  account?: string | undefined;
}

/**
 * Looks for a parameter of SSM or a secret of Secrets Manager, by its existence, never by its value. One call, none
 * for what is in another region or belongs to another account.
 */
export function readReference(
  reference: string,
  home: Home,
  clients: { ssm: SsmClient; secrets: SecretsClient },
): Promise<NeededThing> {
  const [, arn, , stage, version] = SECRET.exec(reference) ?? [];
  const [, byParameter] = BY_PARAMETER.exec(reference) ?? [];
  const away = awayOf(reference, home);
  if (arn || byParameter) {
    const name = byParameter ?? arn?.replace(/^.*:secret:/, '') ?? '';
    const versions = { stage, version };
    return look('secret', name, async () => away ?? readSecret(arn ?? name, versions, clients.secrets));
  }
  const name = reference.replace(/^arn:[\w-]+:ssm:[\w-]+:\d+:parameter/, '').replace(/:[\w.-]+$/, '');
  return look('parameter', name, async () => away ?? readParameter(name, name !== reference, clients.ssm));
}

/** `undefined` for what is at home, or named without a place. */
function awayOf(arn: string, home: Home): Found | undefined {
  const [start, , , region, account] = arn.split(':');
  if (start !== 'arn') return undefined;
  if (home.region && region && region !== home.region) return { state: 'unknown', why: `it is in ${region}` };
  if (home.account && account && account !== home.account)
    return { state: 'unknown', why: `it belongs to the account ${account}` };
  return undefined;
}

async function readSecret(
  arn: string,
  { stage, version }: { stage: string | undefined; version: string | undefined },
  secrets: SecretsClient,
): Promise<Found> {
  const { client, DescribeSecretCommand } = await secrets();
  const found = await client.send(new DescribeSecretCommand({ SecretId: arn })).catch((error: unknown) => {
    if (isAwsFailure(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  });
  if (!found) return { state: 'missing' };
  if (found.DeletedDate) return { state: 'missing', why: 'it is marked for deletion' };
  const versions = Object.entries(found.VersionIdsToStages ?? {});
  const isThere = (id: string, stages: readonly string[]): boolean =>
    (!version || id === version) && (!stage || stages.includes(stage));
  if ((version || stage) && !versions.some(([id, stages]) => isThere(id, stages)))
    return { state: 'missing', why: `its version ${version || stage} is gone` };
  const changedAt = (found.LastChangedDate ?? found.CreatedDate)?.getTime();
  // A version that is named does not change; only what is resolved at a task's start does.
  return { state: 'there', ...(changedAt === undefined || version ? {} : { changedAt }) };
}

async function readParameter(name: string, isArn: boolean, ssm: SsmClient): Promise<Found> {
  const { client, DescribeParametersCommand } = await ssm();
  // The ARN of a parameter without a path lacks the slash that its name never had.
  const Values = /^\/[^/]+$/.test(name) && isArn ? [name, name.slice(1)] : [name];
  const filter = { Key: 'Name', Option: 'Equals', Values };
  // A page may be empty although there is another (SSM API, DescribeParameters).
  const [found] = await readPages(async (NextToken) => {
    const page = await client.send(new DescribeParametersCommand({ ParameterFilters: [filter], NextToken }));
    return { items: page.Parameters ?? [], nextToken: page.NextToken };
  }, 1);
  if (!found) return { state: 'missing' };
  const changedAt = found.LastModifiedDate?.getTime();
  return { state: 'there', ...(changedAt === undefined ? {} : { changedAt }) };
}
