import type {
  ContextEntry,
  EvaluationResult,
  SimulatePolicyResponse,
  SimulatePrincipalPolicyRequest,
} from '@aws-sdk/client-iam';
import { AwsFault } from '../fault.ts';
import type { IamRecords } from '../sts/iam-records.ts';
import type { RequestContext } from '../wire/service.ts';
import { type CallerPolicies, decideAccess } from './decide-access.ts';
import { type ConditionContext, matchesGlob } from './pattern.ts';
import { isRecord, matchesAction, parsePolicy, statementsOf, textsOf } from './policy.ts';
import type { RolePolicies } from './role-policies.ts';

/** Source: botocore's service model of IAM. */
export const IAM_NAMESPACE = 'https://iam.amazonaws.com/doc/2010-05-08/';

export type SimulatorOptions = {
  iam: Pick<IamRecords, 'readRole'>;
  policies: Pick<RolePolicies, 'read'>;
};

/**
 * IAM's policy simulator for roles, by the evaluator that judges their calls. Everything else of IAM is the back
 * end's. All results come on one page.
 */
export function createSimulator(options: SimulatorOptions) {
  return {
    handlers: {
      SimulatePrincipalPolicy: (input: SimulatePrincipalPolicyRequest, context: RequestContext) =>
        simulate(options, input, context),
    },
  };
}

async function simulate(
  { iam, policies }: SimulatorOptions,
  input: SimulatePrincipalPolicyRequest,
  { now }: RequestContext,
): Promise<SimulatePolicyResponse> {
  const roleArn = input.PolicySourceArn ?? '';
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(roleArn))
    throw new AwsFault('InvalidInput', `Invalid Entity Arn: ${roleArn} does not clearly define entity type.`);
  if (!(await iam.readRole(roleArn)))
    throw new AwsFault('NoSuchEntity', `The role with name ${roleArn} cannot be found.`, 404);
  const role = await policies.read(roleArn);
  const [givenBoundary] = (input.PermissionsBoundaryPolicyInputList ?? []).map(parsePolicy);
  const boundary = givenBoundary ?? role.boundary;
  const caller: CallerPolicies = {
    identity: [...role.identity, ...(input.PolicyInputList ?? []).map(parsePolicy)],
    ...(boundary === undefined ? {} : { boundary }),
  };
  const keys = simulatedKeys(roleArn, role.tags, input.ContextEntries, now);
  const results = (input.ActionNames ?? []).flatMap((action) =>
    (input.ResourceArns ?? ['*']).map((resource) => evaluate(caller, { action, resource, context: keys })),
  );
  return { EvaluationResults: results, IsTruncated: false };
}

type Simulated = { action: string; resource: string; context: ConditionContext };

function evaluate(caller: CallerPolicies, request: Simulated): EvaluationResult {
  const decision = decideAccess(caller, request);
  const denied = decision.allowed ? undefined : decision.reason;
  const isBounded = caller.boundary !== undefined;
  const isWithin = decision.allowed || decision.by !== 'permissions boundary';
  return {
    EvalActionName: request.action,
    EvalResourceName: request.resource,
    EvalDecision:
      denied === undefined ? 'allowed' : denied === 'explicit-deny' ? 'explicitDeny' : 'implicitDeny',
    MatchedStatements: [],
    MissingContextValues: missingKeys(caller, request),
    ...(isBounded ? { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: isWithin } } : {}),
  };
}

/** The condition keys that the caller gives, and those that follow from who is asked about and when. */
function simulatedKeys(
  roleArn: string,
  tags: Readonly<Record<string, string>>,
  entries: readonly ContextEntry[] = [],
  now: number,
): ConditionContext {
  const own: [string, string[]][] = [
    ['aws:PrincipalArn', [roleArn]],
    ['aws:PrincipalAccount', [roleArn.split(':')[4] ?? '']],
    ['aws:PrincipalType', ['AssumedRole']],
    ['aws:CurrentTime', [new Date(now).toISOString()]],
    ['aws:EpochTime', [String(Math.floor(now / 1000))]],
    ...Object.entries(tags).map(([key, value]): [string, string[]] => [`aws:PrincipalTag/${key}`, [value]]),
  ];
  const given = entries.map(({ ContextKeyName = '', ContextKeyValues = [] }): [string, string[]] => [
    ContextKeyName,
    ContextKeyValues,
  ]);
  return new Map([...own, ...given].map(([key, values]) => [key.toLowerCase(), values]));
}

/** Condition keys that the statements about an action and a resource ask for and nobody has given. */
function missingKeys({ identity, boundary }: CallerPolicies, { action, resource, context }: Simulated) {
  const statements = [...identity, boundary].flatMap(statementsOf).filter((statement) => {
    const named = textsOf(statement.resource);
    const isAbout = named.length === 0 || named.some((pattern) => matchesGlob(pattern, resource));
    return matchesAction(statement, action) && isAbout;
  });
  const asked = statements
    .flatMap(({ condition }) => (isRecord(condition) ? Object.values(condition) : []))
    .flatMap((keys) => (isRecord(keys) ? Object.keys(keys) : []));
  return [...new Set(asked)].filter((key) => !context.has(key.toLowerCase()));
}
