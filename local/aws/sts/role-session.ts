/** A role session to make credentials for. */
export type SessionRequest = {
  /** Full ARN of the role. */
  roleArn: string;
  accountId: string;
  /** The role's own id (`AROA…`), which the caller's `UserId` begins with. */
  roleId?: string;
  sessionName: string;
  durationSeconds: number;
  /** Session policies, parsed; they narrow what the role may do. */
  sessionPolicies?: readonly unknown[];
  sessionTags?: Readonly<Record<string, string>>;
};

/** A session whose credentials have been issued. */
export type RoleSession = SessionRequest & {
  accessKeyId: string;
  /** Epoch milliseconds. */
  expiresAt: number;
};

/** `arn:aws:sts::<account>:assumed-role/<role>/<session>`: who the caller is in AWS's messages. */
export function sessionArn({
  roleArn,
  sessionName,
}: Pick<SessionRequest, 'roleArn' | 'sessionName'>): string {
  const [, , , , accountId = ''] = roleArn.split(':');
  return `arn:aws:sts::${accountId}:assumed-role/${roleArn.split('/').pop()}/${sessionName}`;
}
