import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DescribeListenersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { makeSelfSigned } from '../aws/elbv2/tls/self-signed.ts';
import type { LocalAws } from '../aws/local-aws.ts';
import { thisMachine } from '../machine/machine.ts';
import { createLocalBackend } from '../terraform/local-backend/local-backend.ts';
import { openRecordedStacks } from '../terraform/recording/recorded-stack.ts';
import { openStack, type Stack, type StackOptions } from '../terraform/stack.ts';
import { ENVIRONMENT } from './caller.ts';
import type { Narrator } from './chapter.ts';
import { ADMINISTRATOR_SECRET, type Clients } from './clients.ts';
import { readRecordedPlans } from './recorded-plans.ts';
import { STACK_VARIABLES } from './stack-variables.ts';

/** What the caller and the story have to know of what Terraform made. */
export interface Ground {
  cluster: string;
  /** URL of the load balancer's HTTPS listener. */
  url: string;
  /** The load balancer's own certificate, PEM: whoever asks it has to trust this one. */
  certificate: string;
  bucket: string;
  stateBucket: string;
  roles: { build: string; deploy: string; verify: string };
  /** The e-mail API's token, which Terraform made up. */
  apiToken: string;
  stacks: Stacks;
  /** Whether Terraform itself makes it; else its recorded plans are carried out, and cannot be made again. */
  hasTerraform: boolean;
  /** Ends the connections of the provider. */
  close(): void;
}

/** The project's three stacks, each standing on the one before. */
export interface Stacks {
  bootstrap: Stack;
  foundation: Stack;
  services: Stack;
}

export interface GroundOptions {
  /** Folder for what Terraform writes. */
  folder: string;
  /** Whether there is a Terraform to run; else the recorded plans are carried out. */
  hasTerraform: boolean;
  narrator: Narrator;
  signal: AbortSignal;
}

/** Applies bootstrap and foundation of `prod` to a local AWS, as a person does who begins. */
export async function makeGround(aws: LocalAws, clients: Clients, options: GroundOptions): Promise<Ground> {
  const certificate = await storeCertificate(clients);
  const { bootstrap, open, close } = await openStacks(aws, options);
  try {
    await make(bootstrap, 'state bucket, identity provider, roles of the pipeline, their boundary', options);
    const places = await bootstrap.output<Record<string, { bucket: string }>>('backend');
    const stateBucket = required(places[ENVIRONMENT], 'state bucket').bucket;
    const stacks = { bootstrap, ...open(stateBucket) };
    await make(stacks.foundation, 'network, load balancer, cluster, registry, queues, data', options);
    const roles = await bootstrap.output<Record<string, Ground['roles']>>('roles');
    const { build, deploy, verify } = required(roles[ENVIRONMENT], 'roles');
    const [balancer, buckets, cluster] = await Promise.all([
      stacks.foundation.output<{ https_listener_arn: string; dns_name: string }>('balancer'),
      stacks.foundation.output<Record<string, { name: string }>>('buckets'),
      stacks.foundation.output<{ name: string }>('cluster'),
    ]);
    return {
      cluster: cluster.name,
      url: await addressOf(clients, balancer),
      certificate,
      bucket: required(buckets.emails, 'bucket of mails').name,
      stateBucket,
      roles: { build, deploy, verify },
      apiToken: await readToken(clients),
      stacks,
      hasTerraform: options.hasTerraform,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Initializes and applies a stack, and tells of it. */
export async function make(
  stack: Stack,
  what: string,
  { narrator, hasTerraform }: Pick<GroundOptions, 'narrator' | 'hasTerraform'>,
): Promise<void> {
  const { seconds } = await narrator.timed(async () => {
    await stack.init();
    await stack.apply();
  });
  const count = await stack.count();
  const done = hasTerraform ? `terraform apply ${stack.name}` : `recorded plan of ${stack.name} carried out`;
  narrator.tell(`${done}: ${count} resources in ${seconds.toFixed(0)} s (${what})`);
}

type OpenStacks = {
  bootstrap: Stack;
  /** The others, once there is a bucket for their states. */
  open(bucket: string): Omit<Stacks, 'bootstrap'>;
  close(): void;
};

/** The project's code by Terraform itself, or the recorded plans of it where there is none. */
async function openStacks(
  aws: LocalAws,
  { folder, signal, hasTerraform }: GroundOptions,
): Promise<OpenStacks> {
  const { endpoint, accountId, region } = aws;
  const credentials = { accessKeyId: accountId, secretAccessKey: ADMINISTRATOR_SECRET };
  const backend = createLocalBackend({ endpoint, credentials });
  const close = () => backend.close();
  if (!hasTerraform) {
    const { bootstrap, ...others } = openRecordedStacks(await readRecordedPlans(), backend);
    return { bootstrap, open: () => others, close };
  }
  const env = {
    ...thisMachine().env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
  };
  const stack = (name: keyof Stacks, root: string, state: StackOptions['state']) =>
    openStack({
      ...{ root, state, env, backend, signal },
      dataDir: join(folder, 'terraform', name),
      variables: STACK_VARIABLES[name],
    });
  const inBucket = (bucket: string, name: 'foundation' | 'services') =>
    stack(name, `stacks/${name}`, {
      ...{ endpoint, bucket, region, credentials },
      key: `${ENVIRONMENT}/${name}.tfstate`,
    });
  return {
    bootstrap: stack('bootstrap', 'bootstrap', { file: join(folder, 'terraform', 'bootstrap.tfstate') }),
    open: (bucket) => ({
      foundation: inBucket(bucket, 'foundation'),
      services: inBucket(bucket, 'services'),
    }),
    close,
  };
}

/** What a person puts into SSM before the first apply: the foundation makes no keys. */
async function storeCertificate({ ssm }: Clients): Promise<string> {
  const { certificatePem, privateKeyPem } = makeSelfSigned(['127.0.0.1'], Date.now(), randomBytes(8));
  const put = (name: string, Type: 'String' | 'SecureString', Value: string) =>
    ssm.send(new PutParameterCommand({ Name: `/${ENVIRONMENT}/tls/${name}`, Type, Value }));
  await Promise.all([
    put('certificate', 'String', certificatePem),
    put('private-key', 'SecureString', privateKeyPem),
  ]);
  return certificatePem;
}

/** Where the HTTPS listener is: no port below 1024 is opened here, so that it has another than in its code. */
async function addressOf(
  { elb }: Clients,
  balancer: { https_listener_arn: string; dns_name: string },
): Promise<string> {
  const command = new DescribeListenersCommand({ ListenerArns: [balancer.https_listener_arn] });
  const { Listeners } = await elb.send(command);
  return `https://${balancer.dns_name}:${required(Listeners?.[0]?.Port, 'listener')}`;
}

async function readToken({ ssm }: Clients): Promise<string> {
  const command = new GetParameterCommand({ Name: `/${ENVIRONMENT}/email-api/token`, WithDecryption: true });
  return required((await ssm.send(command)).Parameter?.Value, 'token of the e-mail API');
}

/** The value, or an error that names what the local AWS did not return. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the local AWS returned no ${what}`);
  return value;
}
