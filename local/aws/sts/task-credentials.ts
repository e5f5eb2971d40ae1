import { AwsFault } from '../fault.ts';
import type { CredentialStore, SessionCredentials } from './credentials.ts';
import type { IamRecords } from './iam-records.ts';
import { decideTrust, type TrustPrincipal } from './trust-policy.ts';

/** ECS renews a task's credentials itself; each lives six hours, whatever the role's longest session. */
const LIFE_SECONDS = 6 * 3600;

const ECS_TASKS: TrustPrincipal = { kind: 'service', name: 'ecs-tasks.amazonaws.com' };

/** The task that a role is taken for. */
export type CredentialedTask = { taskId: string; taskArn: string; accountId: string };

/**
 * Gives ECS the credentials of a role for a task, named after the task's id. A trust policy may ask for whom ECS comes
 * (`aws:SourceAccount`, `aws:SourceArn`). Throws ECS's own `AccessDenied` when there is no such role or it does not trust ECS's tasks.
 */
export async function issueTaskCredentials(
  { credentials, iam }: { credentials: CredentialStore; iam: IamRecords },
  roleArn: string,
  task: CredentialedTask,
): Promise<SessionCredentials> {
  const role = await iam.readRole(roleArn);
  const context = new Map([
    ['aws:sourceaccount', [task.accountId]],
    ['aws:sourcearn', [task.taskArn]],
  ]);
  const request = { action: 'sts:AssumeRole', principal: ECS_TASKS, context };
  if (!role || !decideTrust(role.trustPolicy, request).trusted) {
    throw new AwsFault(
      'AccessDenied',
      `ECS was unable to assume the role '${roleArn}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`,
      403,
    );
  }
  return credentials.issue({
    roleArn,
    accountId: roleArn.split(':')[4] ?? '',
    roleId: role.roleId,
    sessionName: task.taskId,
    durationSeconds: LIFE_SECONDS,
  });
}
