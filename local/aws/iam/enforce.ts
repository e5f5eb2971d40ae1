import { AwsFault } from '../fault.ts';
import type { BackendCall } from '../gateway/gateway.ts';
import type { CredentialStore } from '../sts/credentials.ts';
import type { IamRecords } from '../sts/iam-records.ts';
import type { HandlersOf, RequestContext } from '../wire/service.ts';
import type { AccessNeed, CallPlace } from './access-need.ts';
import { type Authorize, createAuthorizer } from './authorize.ts';
import { AUTO_SCALING_NEEDS } from './auto-scaling-needs.ts';
import { backendNeeds, membersOf } from './backend-needs.ts';
import { ECR_NEEDS } from './ecr-needs.ts';
import { ECS_NEEDS } from './ecs-needs.ts';
import { ELBV2_NEEDS } from './elbv2-needs.ts';
import { IAM_NEEDS } from './iam-needs.ts';
import { isRecord, statementsOf, textsOf } from './policy.ts';
import type { RolePolicies } from './role-policies.ts';
import { STS_NEEDS } from './sts-needs.ts';

/** The operations that are checked, before they are put on the wire. */
export type Checked = {
  ecs: HandlersOf<typeof import('@aws-sdk/client-ecs')>;
  ecr: HandlersOf<typeof import('@aws-sdk/client-ecr')>;
  elasticloadbalancing: HandlersOf<typeof import('@aws-sdk/client-elastic-load-balancing-v2')>;
  sts: HandlersOf<typeof import('@aws-sdk/client-sts')>;
  iam?: HandlersOf<typeof import('@aws-sdk/client-iam')>;
  'application-autoscaling'?: HandlersOf<typeof import('@aws-sdk/client-application-auto-scaling')>;
};

export type EnforceOptions = {
  credentials: Pick<CredentialStore, 'lookup'>;
  policies: Pick<RolePolicies, 'read'>;
  iam: Pick<IamRecords, 'readRole'>;
};

/**
 * Puts IAM before the operations of our own services: a role's call is answered only if its policies
 * allow it. Refusals are `AccessDeniedException` (JSON) or `AccessDenied` (Query) in AWS's words. An operation
 * that is not in the tables takes the permission of its own name on `*`. `authorize` asks for other calls.
 */
export function enforceIam<Rooms extends Checked>(
  rooms: Rooms,
  options: EnforceOptions,
): { handlers: Rooms; authorize: Authorize } {
  const authorize = createAuthorizer({
    sessionOf: (accessKeyId) => options.credentials.lookup(accessKeyId),
    policies: options.policies,
    tagsOf: (resourceArn, context) => tagsOf(rooms, resourceArn, context),
    isNamedByResource: (roleArn, resourceArn) => isNamedByTrust(options.iam, roleArn, resourceArn),
  });
  const handlers = {
    ...rooms,
    ecs: guardHandlers(rooms.ecs, { prefix: 'ecs', needs: ECS_NEEDS, refuse: refuseJson }, authorize),
    ecr: guardHandlers(rooms.ecr, { prefix: 'ecr', needs: ECR_NEEDS, refuse: refuseJson }, authorize),
    elasticloadbalancing: guardHandlers(
      rooms.elasticloadbalancing,
      { prefix: 'elasticloadbalancing', needs: ELBV2_NEEDS, refuse: refuseQuery },
      authorize,
    ),
    sts: guardHandlers(rooms.sts, { prefix: 'sts', needs: STS_NEEDS, refuse: refuseQuery }, authorize),
    iam: guardHandlers(rooms.iam ?? {}, { prefix: 'iam', needs: IAM_NEEDS, refuse: refuseQuery }, authorize),
    'application-autoscaling': guardHandlers(
      rooms['application-autoscaling'] ?? {},
      { prefix: 'application-autoscaling', needs: AUTO_SCALING_NEEDS, refuse: refuseJson },
      authorize,
    ),
  };
  return { handlers, authorize };
}

/** Throws for a role's call to the back end that its policies do not allow, in the protocol's own code. */
export async function assertBackendCall(authorize: Authorize, call: BackendCall): Promise<void> {
  const { context, target, body } = call;
  if (context.roleArn === undefined) return;
  const request = { ...call, input: membersOf(body ?? '', target !== undefined) };
  const refusal = await authorize(backendNeeds(request, context), context);
  if (refusal === undefined) return;
  if (target !== undefined) throw refuseJson(refusal);
  throw call.service === 'ec2' ? new AwsFault('UnauthorizedOperation', refusal, 403) : refuseQuery(refusal);
}

const refuseJson = (message: string) => new AwsFault('AccessDeniedException', message);
const refuseQuery = (message: string) => new AwsFault('AccessDenied', message, 403);

export type Guard = { prefix: string; needs: object; refuse: (message: string) => AwsFault };

/** The same handlers, each asking first whether its caller may. */
function guardHandlers<Handlers extends object>(
  handlers: Handlers,
  { prefix, needs, refuse }: Guard,
  authorize: Authorize,
): Handlers {
  return new Proxy(handlers, {
    get(target, operation, receiver) {
      const handler: unknown = Reflect.get(target, operation, receiver);
      if (typeof handler !== 'function' || typeof operation !== 'string') return handler;
      return async (input: unknown, context: RequestContext): Promise<unknown> => {
        const refusal = await authorize(needsOf(needs, prefix, operation)(input, context), context);
        if (refusal !== undefined) throw refuse(refusal);
        return Reflect.apply(handler, target, [input, context]);
      };
    },
  });
}

function needsOf(needs: object, prefix: string, operation: string) {
  const row: unknown = Object.hasOwn(needs, operation) ? Reflect.get(needs, operation) : undefined;
  if (typeof row !== 'function') return () => [{ action: `${prefix}:${operation}`, resources: ['*'] }];
  return (input: unknown, place: CallPlace): AccessNeed[] => Reflect.apply(row, needs, [input ?? {}, place]);
}

/** Whether the trust policy of a role of the same account names another role, and not just the account. */
async function isNamedByTrust(
  iam: Pick<IamRecords, 'readRole'>,
  roleArn: string,
  resourceArn: string,
): Promise<boolean> {
  const [, , service, , accountId] = resourceArn.split(':');
  if (service !== 'iam' || accountId !== roleArn.split(':')[4]) return false;
  const role = await iam.readRole(resourceArn);
  return statementsOf(role?.trustPolicy).some(
    ({ effect, principal }) =>
      effect === 'Allow' && isRecord(principal) && textsOf(principal.AWS).includes(roleArn),
  );
}

/** Tags of a resource, none where it is not there or has no tags. */
async function tagsOf(
  { ecs, ecr, elasticloadbalancing, 'application-autoscaling': scaling }: Checked,
  resourceArn: string,
  context: RequestContext,
): Promise<Record<string, string>> {
  try {
    const service = resourceArn.split(':')[2];
    if (service === 'ecs') {
      const answer = await ecs.ListTagsForResource?.({ resourceArn }, context);
      return asRecord(answer?.tags?.map(({ key, value }) => [key, value]));
    }
    if (service === 'ecr') {
      const answer = await ecr.ListTagsForResource?.({ resourceArn }, context);
      return asRecord(answer?.tags?.map(({ Key, Value }) => [Key, Value]));
    }
    if (service === 'application-autoscaling') {
      const answer = await scaling?.ListTagsForResource?.({ ResourceARN: resourceArn }, context);
      return answer?.Tags ?? {};
    }
    if (service !== 'elasticloadbalancing') return {};
    const answer = await elasticloadbalancing.DescribeTags?.({ ResourceArns: [resourceArn] }, context);
    return asRecord(answer?.TagDescriptions?.[0]?.Tags?.map(({ Key, Value }) => [Key, Value]));
  } catch (error) {
    if (error instanceof AwsFault) return {};
    throw error;
  }
}

function asRecord(
  pairs: [key: string | undefined, value: string | undefined][] = [],
): Record<string, string> {
  return Object.fromEntries(pairs.map(([key = '', value = '']) => [key, value]));
}
