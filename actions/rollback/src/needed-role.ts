import type { IamClient, StsClient } from '../../core/src/aws-clients.ts';
import type { NeededThing } from '../../core/src/decide/preflight.ts';
import { isAwsFailure } from '../../core/src/errors.ts';
import { type Found, look } from './look.ts';

/** Who would pass the roles; `callerRoleArn` is absent where ambient credentials are used. */
export interface RoleClients {
  iam: IamClient;
  sts: StsClient;
  callerRoleArn?: string | undefined;
}

/**
 * Looks for a role a task would run with, and whether the caller may pass it to ECS, which UpdateService asks
 * for. Two to four calls; a part that IAM does not let us see makes the role `unknown`.
 */
export function readRole(roleArn: string, clients: RoleClients): Promise<NeededThing> {
  const name = roleArn.replace(/^.*:role\//, '');
  return look('role', name, async () => {
    if (!(await exists(name, clients))) return { state: 'missing' };
    return readPass(roleArn, clients);
  });
}

async function exists(path: string, { iam }: RoleClients): Promise<boolean> {
  return (await tryRoleArn(path.split('/').at(-1) ?? path, iam)) !== undefined;
}

async function tryRoleArn(RoleName: string, iam: IamClient): Promise<string | undefined> {
  const { client, GetRoleCommand } = await iam();
  try {
    return (await client.send(new GetRoleCommand({ RoleName }))).Role?.Arn;
  } catch (error) {
    if (isAwsFailure(error, 'NoSuchEntityException') || isAwsFailure(error, 'NoSuchEntity')) return undefined;
    throw error;
  }
}

/** Asks IAM's simulator. A denial for want of a condition's value proves nothing. */
async function readPass(roleArn: string, clients: RoleClients): Promise<Found> {
  const caller = clients.callerRoleArn ?? (await readCallerArn(clients));
  const { client, SimulatePrincipalPolicyCommand } = await clients.iam();
  const { EvaluationResults = [] } = await client.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: caller,
      ActionNames: ['iam:PassRole'],
      ResourceArns: [roleArn],
      ContextEntries: [
        {
          ContextKeyName: 'iam:PassedToService',
          ContextKeyType: 'string',
          ContextKeyValues: ['ecs-tasks.amazonaws.com'],
        },
      ],
    }),
  );
  const [result] = EvaluationResults;
  if (result?.EvalDecision === 'allowed') return { state: 'there' };
  if (!result || (result.MissingContextValues ?? []).length > 0)
    return { state: 'unknown', why: 'whether it may be passed depends on conditions IAM cannot simulate' };
  const why = `${caller} may not pass it (${result.EvalDecision}): allow iam:PassRole on ${roleArn} in the caller's policy`;
  return { state: 'refused', why };
}

/** An assumed role's session names the role without its path, which the simulator needs. */
async function readCallerArn({ iam, sts }: RoleClients): Promise<string> {
  const { client, GetCallerIdentityCommand } = await sts();
  const { Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
  const [, role] = /:assumed-role\/([^/]+)\//.exec(Arn) ?? [];
  return (role && (await tryRoleArn(role, iam))) || Arn;
}
