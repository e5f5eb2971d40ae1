import type { CredentialScope } from '../wire/credential-scope.ts';
import type { RequestContext } from '../wire/service.ts';
import type { CredentialStore } from './credentials.ts';

/** Signing names of services whose errors are XML; all others speak JSON. */
const XML_SERVICES: readonly string[] = [
  'autoscaling',
  'cloudformation',
  'ec2',
  'elasticloadbalancing',
  'iam',
  'rds',
  's3',
  'sns',
  'sts',
];

/**
 * Tells who is behind a signature: account, role and Region. An unsigned request is the default account's.
 * The function it gives throws an `AwsFault` for temporary credentials that are unknown or have expired.
 */
export function identifyCallers(
  credentials: CredentialStore,
  { region, now }: { region: string; now: () => number },
): (scope: CredentialScope | undefined) => RequestContext {
  return (scope) => {
    const accessKeyId = scope?.accessKeyId ?? '';
    const protocol = XML_SERVICES.includes(scope?.service ?? '') ? 'query' : 'json';
    const { accountId, session } = credentials.callerOf(accessKeyId, protocol);
    const caller = { accountId, accessKeyId, region: scope?.region ?? region, now: now() };
    return session ? { ...caller, roleArn: session.roleArn } : caller;
  };
}
