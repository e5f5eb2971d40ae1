import type { RoleSession } from '../sts/role-session.ts';
import type { RequestContext } from '../wire/service.ts';
import type { AccessNeed } from './access-need.ts';
import type { ConditionContext } from './pattern.ts';

type Tags = Readonly<Record<string, string>>;

export type KeySources = {
  session: RoleSession;
  roleTags: Tags;
  context: RequestContext;
  need: AccessNeed;
  resource: string;
  resourceTags: Tags;
};

/** The condition keys of a request on one resource: AWS's global ones, the call's own, and tags. */
export function conditionContext(sources: KeySources): ConditionContext {
  const { need, resource, resourceTags, roleTags, session } = sources;
  const prefix = need.action.split(':')[0] ?? '';
  const keys = {
    ...globalKeys(sources),
    ...tagKeys('aws:PrincipalTag', { ...roleTags, ...session.sessionTags }),
    ...tagKeys('aws:ResourceTag', resourceTags),
    ...tagKeys(`${prefix}:ResourceTag`, resourceTags),
    'aws:ResourceAccount': resource.split(':')[4],
    ...need.keys,
  };
  const context = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(keys)) {
    if (value === undefined || value === '') continue;
    context.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  }
  return context;
}

/** Source: IAM user guide, "AWS global condition context keys" (read 2026-11). */
function globalKeys({ session, context }: KeySources): Record<string, string> {
  return {
    'aws:PrincipalArn': session.roleArn,
    'aws:PrincipalAccount': session.accountId,
    'aws:PrincipalType': 'AssumedRole',
    'aws:userid': `${session.roleId ?? ''}:${session.sessionName}`,
    'aws:RequestedRegion': context.region,
    'aws:CurrentTime': new Date(context.now).toISOString(),
    'aws:EpochTime': String(Math.floor(context.now / 1000)),
    // As on AWS, where nobody calls without TLS: a policy that denies plain HTTP would refuse every rehearsal.
    'aws:SecureTransport': 'true',
    'aws:SourceIp': '127.0.0.1',
    'aws:ViaAWSService': 'false',
  };
}

function tagKeys(key: string, tags: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [`${key}/${name}`, value]));
}
