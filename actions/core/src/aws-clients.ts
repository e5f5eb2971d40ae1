import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';
import type { Clock, Random } from './clock.ts';
import { openApiPace, paceCalls } from './ecs/api-pace.ts';
import { clockedRetries } from './ecs/clocked-retries.ts';

/**
 * Who asks AWS, and where. Absent fields are left to the SDK: region and credentials from its own chain, the
 * endpoint from `AWS_ENDPOINT_URL` only. `requestHandler` replaces the socket in tests. `tries` is how often a call is
 * made at most, where that is not left to the SDK.
 */
export interface AwsAccess {
  readonly region?: string;
  readonly credentials?: ECSClientConfig['credentials'];
  readonly requestHandler?: ECSClientConfig['requestHandler'];
  readonly tries?: number;
}

/**
 * The client of ECS, which all that is followed or changed goes through. With a clock its calls keep to the API's
 * rate limits by themselves, and all that waits between two tries waits by that clock.
 */
export function ecsClient(access: AwsAccess, deps?: { clock: Clock; random: Random }): ECSClient {
  if (!deps) return naming('ecs', new ECSClient(configOf(access)));
  const client = new ECSClient({ ...configOf(access), retryStrategy: clockedRetries(deps) });
  return paceCalls(naming('ecs', client), openApiPace(deps));
}

/**
 * Opens the client of another service where it is used: its code is loaded then, the client is made once, and
 * both come together, as in `const { client, GetLogEventsCommand } = await logs()`. A start of an action pays for
 * no client it does not use. What there is of each service stands in its file under `clients/`.
 */
export type LazyClient<Sdk extends ClientModule> = () => Promise<Opened<Sdk>>;

type Opened<Sdk extends ClientModule> = Sdk & { client: InstanceType<Sdk['Client']> };

export type AutoscalingClient = ReturnType<typeof autoscalingClient>;
export type CloudwatchClient = ReturnType<typeof cloudwatchClient>;
export type EcrClient = ReturnType<typeof ecrClient>;
export type Elbv2Client = ReturnType<typeof elbv2Client>;
export type IamClient = ReturnType<typeof iamClient>;
export type LogsClient = ReturnType<typeof logsClient>;
export type S3Client = ReturnType<typeof s3Client>;
export type SecretsClient = ReturnType<typeof secretsClient>;
export type SsmClient = ReturnType<typeof ssmClient>;
export type StsClient = ReturnType<typeof stsClient>;

export function autoscalingClient(access: AwsAccess): LazyClient<typeof import('./clients/autoscaling.ts')> {
  return lazily('application-autoscaling', access, () => import('./clients/autoscaling.ts'));
}

export function cloudwatchClient(access: AwsAccess): LazyClient<typeof import('./clients/cloudwatch.ts')> {
  return lazily('cloudwatch', access, () => import('./clients/cloudwatch.ts'));
}

export function ecrClient(access: AwsAccess): LazyClient<typeof import('./clients/ecr.ts')> {
  return lazily('ecr', access, () => import('./clients/ecr.ts'));
}

export function elbv2Client(access: AwsAccess): LazyClient<typeof import('./clients/elb.ts')> {
  return lazily('elasticloadbalancing', access, () => import('./clients/elb.ts'));
}

export function iamClient(access: AwsAccess): LazyClient<typeof import('./clients/iam.ts')> {
  return lazily('iam', access, () => import('./clients/iam.ts'));
}

export function logsClient(access: AwsAccess): LazyClient<typeof import('./clients/logs.ts')> {
  return lazily('logs', access, () => import('./clients/logs.ts'));
}

export function s3Client(access: AwsAccess): LazyClient<typeof import('./clients/s3.ts')> {
  return lazily('s3', access, () => import('./clients/s3.ts'));
}

export function secretsClient(access: AwsAccess): LazyClient<typeof import('./clients/secrets.ts')> {
  return lazily('secretsmanager', access, () => import('./clients/secrets.ts'));
}

export function ssmClient(access: AwsAccess): LazyClient<typeof import('./clients/ssm.ts')> {
  return lazily('ssm', access, () => import('./clients/ssm.ts'));
}

export function stsClient(access: AwsAccess): LazyClient<typeof import('./clients/sts.ts')> {
  return lazily('sts', access, () => import('./clients/sts.ts'));
}

/** A file of `clients/`: the class of the client beside the commands that are used. */
interface ClientModule {
  Client: new (config: ReturnType<typeof configOf>) => ErrorNamingStack;
}

function lazily<Sdk extends ClientModule>(
  prefix: string,
  access: AwsAccess,
  load: () => Promise<Sdk>,
): LazyClient<Sdk> {
  let opened: Promise<Opened<Sdk>> | undefined;
  const open = (sdk: Sdk): Opened<Sdk> => {
    const client = naming(prefix, new sdk.Client(configOf(access)) as InstanceType<Sdk['Client']>);
    return { ...sdk, client };
  };
  return () => {
    opened ??= load().then(open);
    return opened;
  };
}

/** The SDK waits for ever by itself; a connection that died silently must not hold a job. */
const TIMEOUTS = { connectionTimeout: 5000, requestTimeout: 30_000, throwOnRequestTimeout: true };

function configOf({ region, credentials, requestHandler, tries }: AwsAccess) {
  return {
    customUserAgent: 'berth',
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(tries === undefined ? {} : { maxAttempts: tries }),
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
function naming<C extends ErrorNamingStack>(prefix: string, client: C): C {
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
