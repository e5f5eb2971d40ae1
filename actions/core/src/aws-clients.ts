import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';

/**
 * Who asks AWS, and where. Absent fields are left to the SDK: region and credentials from its own chain, the
 * endpoint from `AWS_ENDPOINT_URL` only. `requestHandler` replaces the socket in tests.
 */
export interface AwsAccess {
  readonly region?: string;
  readonly credentials?: ECSClientConfig['credentials'];
  readonly requestHandler?: ECSClientConfig['requestHandler'];
}

export function ecsClient(access: AwsAccess): ECSClient {
  return naming('ecs', new ECSClient(configOf(access)));
}

export function ecrClient(access: AwsAccess): ECRClient {
  return naming('ecr', new ECRClient(configOf(access)));
}

export function elbv2Client(access: AwsAccess): ElasticLoadBalancingV2Client {
  return naming('elasticloadbalancing', new ElasticLoadBalancingV2Client(configOf(access)));
}

export function logsClient(access: AwsAccess): CloudWatchLogsClient {
  return naming('logs', new CloudWatchLogsClient(configOf(access)));
}

export function ssmClient(access: AwsAccess): SSMClient {
  return naming('ssm', new SSMClient(configOf(access)));
}

export function stsClient(access: AwsAccess): STSClient {
  return naming('sts', new STSClient(configOf(access)));
}

/** The SDK waits for ever by itself; a connection that died silently must not hold a job. */
const TIMEOUTS = { connectionTimeout: 5000, requestTimeout: 30_000, throwOnRequestTimeout: true };

/** The configuration of every client of the pack, for one that a single action loads when it needs it. */
export function configOf({ region, credentials, requestHandler }: AwsAccess) {
  return {
    customUserAgent: 'berth',
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    requestHandler: requestHandler ?? TIMEOUTS,
  };
}

/** `never` because the SDK types each client's stack by its own union of inputs; the middleware reads none of them. */
interface ErrorNamingStack {
  middlewareStack: {
    add(middleware: never, options: { step: 'initialize'; name: string; priority: 'high' }): void;
  };
}

/** Writes the IAM action (`ecs:UpdateService`) on every exception of the client, for the sentences of `errors.ts`. */
export function naming<C extends ErrorNamingStack>(prefix: string, client: C): C {
  type Next = (args: unknown) => Promise<unknown>;
  const middleware =
    (next: Next, context: { commandName?: string }): Next =>
    async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error && context.commandName) {
          Object.assign(error, { operation: `${prefix}:${context.commandName.replace(/Command$/, '')}` });
        }
        throw error;
      }
    };
  client.middlewareStack.add(middleware as never, {
    step: 'initialize',
    name: 'berthErrorNaming',
    priority: 'high',
  });
  return client;
}
