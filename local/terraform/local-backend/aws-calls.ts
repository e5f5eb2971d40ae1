import type { Shape } from './shape.ts';

/** A loaded SDK package: its client and commands by name. */
type ClientPackage = Readonly<Record<string, unknown>>;
type ClientClass = new (settings: object) => { send(command: object): Promise<unknown>; destroy(): void };
type CommandClass = new (input: object) => object;

/** The services the local back end speaks to, and how their package is loaded: only when it is needed. */
const packages = {
  acm: ['ACM', () => import('@aws-sdk/client-acm')],
  autoscaling: ['ApplicationAutoScaling', () => import('@aws-sdk/client-application-auto-scaling')],
  backup: ['Backup', () => import('@aws-sdk/client-backup')],
  cloudwatch: ['CloudWatch', () => import('@aws-sdk/client-cloudwatch')],
  dynamodb: ['DynamoDB', () => import('@aws-sdk/client-dynamodb')],
  ec2: ['EC2', () => import('@aws-sdk/client-ec2')],
  ecr: ['ECR', () => import('@aws-sdk/client-ecr')],
  ecs: ['ECS', () => import('@aws-sdk/client-ecs')],
  elasticache: ['ElastiCache', () => import('@aws-sdk/client-elasticache')],
  elbv2: ['ElasticLoadBalancingV2', () => import('@aws-sdk/client-elastic-load-balancing-v2')],
  firehose: ['Firehose', () => import('@aws-sdk/client-firehose')],
  iam: ['IAM', () => import('@aws-sdk/client-iam')],
  kms: ['KMS', () => import('@aws-sdk/client-kms')],
  logs: ['CloudWatchLogs', () => import('@aws-sdk/client-cloudwatch-logs')],
  opensearch: ['OpenSearch', () => import('@aws-sdk/client-opensearch')],
  rds: ['RDS', () => import('@aws-sdk/client-rds')],
  route53: ['Route53', () => import('@aws-sdk/client-route-53')],
  s3: ['S3', () => import('@aws-sdk/client-s3')],
  scheduler: ['Scheduler', () => import('@aws-sdk/client-scheduler')],
  secrets: ['SecretsManager', () => import('@aws-sdk/client-secrets-manager')],
  discovery: ['ServiceDiscovery', () => import('@aws-sdk/client-servicediscovery')],
  sns: ['SNS', () => import('@aws-sdk/client-sns')],
  sqs: ['SQS', () => import('@aws-sdk/client-sqs')],
  ssm: ['SSM', () => import('@aws-sdk/client-ssm')],
  sts: ['STS', () => import('@aws-sdk/client-sts')],
  wafv2: ['WAFV2', () => import('@aws-sdk/client-wafv2')],
} as const satisfies Record<string, readonly [string, () => Promise<ClientPackage>]>;

export type ServiceName = keyof typeof packages;

/** Calls one operation, `CreateQueue`, of a service in a Region. Throws what the SDK throws. */
export type AwsCalls = {
  call(service: ServiceName, command: string, input: Shape, region: string): Promise<Shape>;
  close(): void;
};

export type AwsCallsOptions = {
  /** Base URL of the local AWS. */
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
};

/** Makes calls to a local AWS by the names of services and operations, as the tables of rows do. */
export function createAwsCalls(options: AwsCallsOptions): AwsCalls {
  const clients = new Map<string, { client: InstanceType<ClientClass>; commands: ClientPackage }>();
  const clientOf = async (service: ServiceName, region: string) => {
    const key = `${service} ${region}`;
    const known = clients.get(key);
    if (known) return known;
    const [prefix, load] = packages[service];
    const commands = (await load()) as ClientPackage;
    const Client = commands[`${prefix}Client`] as ClientClass;
    const settings = { ...options, region, maxAttempts: 2, forcePathStyle: true };
    const made = { client: new Client(settings), commands };
    clients.set(key, made);
    return made;
  };
  return {
    async call(service, command, input, region) {
      const { client, commands } = await clientOf(service, region);
      const Command = commands[`${command}Command`] as CommandClass | undefined;
      if (Command === undefined) throw new Error(`${packages[service][0]} has no operation ${command}`);
      return (await client.send(new Command(input))) as Shape;
    },
    close: () => {
      for (const { client } of clients.values()) client.destroy();
    },
  };
}
