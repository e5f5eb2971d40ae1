import { AwsFault } from '../fault.ts';

export type SessionPolicyInput = { Policy?: string; PolicyArns?: readonly { arn?: string }[] };

const LONGEST_POLICY = 2_048;
const MOST_POLICIES = 10;

/**
 * The session policies that come with AssumeRole, parsed: the inline one, then managed ones by ARN. None where
 * neither is given. `readManaged` gives `undefined` for a policy that is not there.
 */
export async function readSessionPolicies(
  { Policy, PolicyArns = [] }: SessionPolicyInput,
  readManaged: (arn: string) => Promise<unknown>,
): Promise<unknown[]> {
  if (PolicyArns.length > MOST_POLICIES) {
    throw invalid(`Member must have length less than or equal to ${MOST_POLICIES}`, 'policyArns');
  }
  const policies = Policy === undefined ? [] : [parseInline(Policy)];
  for (const { arn = '' } of PolicyArns) {
    const managed = await readManaged(arn);
    if (managed === undefined) throw new AwsFault('MalformedPolicyDocument', `Policy ${arn} does not exist.`);
    policies.push(managed);
  }
  return policies;
}

function parseInline(text: string): unknown {
  if (text.length > LONGEST_POLICY) {
    throw invalid(`Member must have length less than or equal to ${LONGEST_POLICY}`, 'policy');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsFault('MalformedPolicyDocument', 'This policy contains invalid Json');
  }
}

function invalid(constraint: string, member: string): AwsFault {
  return new AwsFault(
    'ValidationError',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}
