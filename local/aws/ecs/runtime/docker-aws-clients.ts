import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { SecretClients } from './docker-secrets.ts';
import type { CredentialsFor } from './docker-task-endpoints.ts';
import type { TaskLaunch } from './task-runtime.ts';

/** What the agent of a real container host calls for a task, signed as the task's execution role. */
export interface AgentClients extends SecretClients {
  logs(region: string): CloudWatchLogsClient;
  /** Closes the connections of every client that was made. */
  destroy(): void;
}

/**
 * Makes the clients of one task, one for each service and region, all to the gateway at `endpoint`.
 * A task without an execution role calls as its account, which is what a task on one's own host would do.
 */
export function agentClients(
  launch: TaskLaunch,
  endpoint: string,
  credentialsFor: CredentialsFor,
): AgentClients {
  const role = launch.overrides?.executionRoleArn ?? launch.taskDefinition.executionRoleArn;
  const credentials = role
    ? () => credentialsFor(role, launch)
    : { accessKeyId: launch.accountId, secretAccessKey: 'local' };
  const made = new Map<string, { destroy(): void }>();
  const once = <T extends { destroy(): void }>(kind: new (config: object) => T) => {
    return (region: string): T => {
      const key = `${kind.name} ${region}`;
      const client = made.get(key) ?? new kind({ region, endpoint, credentials });
      made.set(key, client);
      return client as T;
    };
  };
  return {
    logs: once(CloudWatchLogsClient),
    secretsManager: once(SecretsManagerClient),
    ssm: once(SSMClient),
    destroy: () => {
      for (const client of made.values()) client.destroy();
    },
  };
}
