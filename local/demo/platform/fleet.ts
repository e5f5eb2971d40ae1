import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { stringify } from 'yaml';
import { repositoryFolder } from '../../machine/machine.ts';
import { type ProgramOptions, type ProgramResult, runProgram } from '../../machine/run-program.ts';
import type { Files } from '../caller.ts';
import { required } from '../ground.ts';
import { type Door, openDoors } from './balancers.ts';
import { type CatalogueEntry, catalogueOf, type Manifest } from './catalogue.ts';
import type { PlatformGround } from './ground.ts';
import { fillTaskDefinition, withImage } from './task-definitions.ts';

/** The services of a manifest on the local AWS. */
export interface Fleet {
  readonly services: readonly CatalogueEntry[];
  /** Base URL of a service through its load balancer. */
  url(service: string): string;
  /**
   * Creates a service on its first image and waits until it runs: Terraform's part in a real account, where all are made
   * at once too.
   */
  create(service: string, first: { version: string; image: string }): Promise<void>;
  /** Runs `berth ship` as a shell does; each line of its log goes to `onLine` as it comes. */
  ship(release: Release, onLine: (line: string) => void): Promise<Shipment>;
  close(): Promise<void>;
}

/** A commit's images, by service. */
export interface Release {
  readonly version: string;
  readonly images: Readonly<Record<string, string>>;
}

/** What `berth ship --json` said at its end. */
export interface Shipment {
  readonly exitCode: number;
  readonly log: string;
  readonly verdicts: readonly { service: string; verdict: string }[];
  readonly smoke: readonly { service: string; verdict: string }[];
  readonly rollback: readonly { service: string; verdict: string }[];
}

/** A load balancer's certificate: whoever asks it has to trust this one. */
export interface Certificate {
  readonly arn: string;
  readonly pem: string;
}

/**
 * Opens a load balancer of that name for the services and gives those that are called their names inside; with a
 * certificate it speaks HTTPS.
 */
export async function openFleet(
  ground: PlatformGround,
  balancer: string,
  sources: { manifest: Manifest; files: Files; certificate?: Certificate },
): Promise<Fleet> {
  const { manifest, files, certificate } = sources;
  const services = catalogueOf(manifest, files);
  const called = services.flatMap(({ name, port }) => (port === undefined ? [] : [{ name, port }]));
  const doors = await openDoors(ground.clients, balancer, called, certificate?.arn);
  for (const { name, port } of called) ground.aws.names.point(`${name}:${port}`, doorOf(doors, name).port);
  const scheme = certificate === undefined ? 'http' : 'https';
  const url = (service: string) => `${scheme}://127.0.0.1:${doorOf(doors, service).port}`;
  const named = Object.fromEntries(called.map(({ name }) => [name, url(name)]));
  const variables = { ...named, ...(doors.has('email-api') && { base: url('email-api') }) };
  const folder = await mkdtemp(join(tmpdir(), 'berth-platform-'));
  await writeWorkspace(folder, files, localManifest(manifest, ground, variables));
  if (certificate !== undefined) await write(join(folder, certificateFile), certificate.pem);

  const definitionOf = (name: string, { version, images }: Release): RegisterTaskDefinitionCommandInput => {
    const document = files[manifest.services[name]?.['task-definition'] ?? ''] ?? '';
    const values = { ...ground.values, SERVICE_VERSION: version };
    const image = required(images[name], `image of ${name}`);
    return withImage(fillTaskDefinition(document, values, addedTo(name, ground)), image);
  };

  return {
    services,
    url,
    async create(name, { version, image }) {
      const definition = definitionOf(name, { version, images: { [name]: image } });
      await createService(ground, definition, doors.get(name));
      await untilSteady(ground, name);
    },
    async ship(release, onErrorLine) {
      const paths: Record<string, string> = {};
      for (const name of Object.keys(release.images)) {
        paths[name] = `rendered/${name}.json`;
        await write(join(folder, paths[name]), JSON.stringify(definitionOf(name, release)));
      }
      const isSecure = certificate !== undefined;
      return readShipment(await runShip(ground, { folder, paths, isSecure, onErrorLine }));
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What a rehearsal has no secret for, and what brings those into the one process that are left out without it. */
function addedTo(name: string, { values }: PlatformGround): Record<string, string> {
  const manager = { FIRST_MANAGER: values.FIRST_MANAGER ?? '', LOGINS_PER_MINUTE: '1000' };
  if (name === 'identity') return manager;
  if (name !== 'all') return {};
  return { ...manager, ...Object.fromEntries(ofMembers.map((setting) => [setting, values[setting] ?? ''])) };
}

/** The settings of dispatch, notification and email-api in the one process; a small installation may do without. */
const ofMembers = [
  'NOTIFICATION_QUEUE_URL',
  'NOTIFICATION_DLQ_URL',
  'NOTIFICATION_TABLE',
  'SQS_QUEUE_URL',
  'SSM_TOKEN_PARAMETER',
  'PROVIDERS_SECRET_ARN',
];
/** In the workspace; Node trusts what is in it. */
const certificateFile = 'load-balancer.pem';

/** The committed manifest with this environment in it; one-off tasks are told the database by its URL. */
function localManifest(manifest: Manifest, { aws, cluster, migration }: PlatformGround, variables: object) {
  const { accountId: account, region } = aws;
  const services = Object.entries(manifest.services).map(([name, service]) => [
    name,
    { ...service, ...(service.migrate && { migrate: { ...service.migrate, environment: migration } }) },
  ]);
  return {
    ...manifest,
    environments: { prod: { account, region, cluster, variables } },
    services: Object.fromEntries(services),
  };
}

async function writeWorkspace(folder: string, files: Files, manifest: object): Promise<void> {
  for (const [path, text] of Object.entries(files))
    if (path.endsWith('smoke.yaml')) await write(join(folder, path), text);
  await write(join(folder, 'berth.yaml'), stringify(manifest));
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function createService(
  { clients: { ecs }, cluster }: PlatformGround,
  definition: RegisterTaskDefinitionCommandInput,
  door: Door | undefined,
): Promise<void> {
  const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand(definition));
  const name = required(definition.family, 'family');
  const containerPort = definition.containerDefinitions?.[0]?.portMappings?.[0]?.containerPort;
  await ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName: name,
      taskDefinition: required(taskDefinition?.taskDefinitionArn, 'task definition'),
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-b'] } },
      deploymentConfiguration: {
        minimumHealthyPercent: 100,
        maximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
      },
      ...(door && {
        loadBalancers: [{ targetGroupArn: door.targetGroupArn, containerName: name, containerPort }],
        healthCheckGracePeriodSeconds: 90,
      }),
    }),
  );
}

/** Waits until a service runs what it wants and no deployment of it is under way. */
async function untilSteady({ clients: { ecs }, cluster }: PlatformGround, name: string): Promise<void> {
  const end = Date.now() + 300_000;
  for (;;) {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [name] }));
    const { deployments = [], events = [] } = services?.[0] ?? {};
    if (deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED') return;
    if (deployments.some(({ rolloutState }) => rolloutState === 'FAILED') || Date.now() > end)
      throw new Error(
        `The first ${name} does not run: ${events
          .slice(0, 8)
          .map(({ message }) => message)
          .join(' ')}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function runShip(
  { aws, mailToken }: PlatformGround,
  shipping: { folder: string; paths: Readonly<Record<string, string>>; isSecure: boolean } & Pick<
    ProgramOptions,
    'onErrorLine'
  >,
): Promise<ProgramResult> {
  const { folder, paths, isSecure, ...listening } = shipping;
  const berth = join(repositoryFolder, 'cli', 'berth.mjs');
  const flags = ['--environment', 'prod', '--task-definitions', JSON.stringify(paths)];
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.accountId,
    AWS_SECRET_ACCESS_KEY: 'rehearsal',
    GITHUB_WORKSPACE: folder,
    ...(isSecure && { NODE_EXTRA_CA_CERTS: join(folder, certificateFile) }),
  };
  const secrets = ['--secrets', `EMAIL_TOKEN=${mailToken}`];
  return runProgram(process.execPath, [berth, 'ship', ...flags, ...secrets, '--json'], { env, ...listening });
}

function readShipment({ code, stdout, stderr }: ProgramResult): Shipment {
  const none = { verdicts: [], smoke: [], rollback: [] };
  const said = stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  const lists = Object.fromEntries(
    Object.keys(none).map((key) => [
      key,
      typeof said[key] === 'string' ? JSON.parse(said[key]) : (said[key] ?? []),
    ]),
  ) as Pick<Shipment, 'verdicts' | 'smoke' | 'rollback'>;
  return { exitCode: code, log: stderr, ...lists };
}

function doorOf(doors: ReadonlyMap<string, Door>, name: string): Door {
  return required(doors.get(name), `load balancer of ${name}`);
}
