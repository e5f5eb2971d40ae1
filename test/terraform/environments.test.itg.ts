import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { test } from '../../local/terraform/test/needs-terraform.ts';
import { readConfig } from '../../services/lib/config.ts';
import { findingsOf } from './checkov.ts';
import { copyTree, imageOf, type PlannedResource, planOf, TERRAFORM, type Tree, variables } from './tree.ts';

const SERVICES = join(TERRAFORM, '..', 'services');
const CATALOGUE = [
  ...['gateway', 'identity', 'order', 'driver', 'dispatch', 'notification', 'tracking', 'customer'],
  ...['email-api', 'email-consumer'],
];
const ENVIRONMENTS = ['dev', 'staging', 'prod', 'drill'];

/** An environment planned on its own copy of the code. */
type Planned = { tree: Tree; foundation: PlannedResource[]; services: PlannedResource[] };
const planned = new Map<string, Planned>();

/** Plans both stacks; the foundation is made of fakes in between, as the services stand on it. */
async function planEnvironment(environment: string): Promise<Planned> {
  const tree = await copyTree();
  await tree.run('stacks/foundation', 'init', '-input=false');
  await tree.run('stacks/services', 'init', '-input=false');
  const foundation = await planOf(tree, 'stacks/foundation', ...variables({ environment }));
  await tree.run('stacks/foundation', 'apply', '-input=false', 'plan.bin');
  return { tree, foundation, services: await planServices(tree, environment) };
}

function planServices(tree: Tree, environment: string): Promise<PlannedResource[]> {
  const path = join(tree.folder, 'stacks/foundation/terraform.tfstate');
  const given = {
    environment,
    images: Object.fromEntries([...CATALOGUE, 'nats'].map((name) => [name, imageOf(name)])),
    foundation_state: { backend: 'local', config: { path } },
  };
  return planOf(tree, 'stacks/services', ...variables(given));
}

/** A module that opens port 22 because it was told to. */
const PLANTED = join(import.meta.dirname, 'planted');

const found = { code: ['not run'], plan: ['not run'], planted: ['not run'] };

/** Two at a time, as there are two cores, and what takes longest first. */
beforeAll(async () => {
  const plan = async (name: string) => planned.set(name, await planEnvironment(name));
  const waiting: (() => Promise<unknown>)[] = [
    async () => {
      found.code = await findingsOf('-d', '.', '--framework', 'terraform');
    },
    async () => {
      await plan('prod');
      const files = (await planFiles(plannedOf('prod').tree)).flatMap((file) => ['-f', file]);
      found.plan = await findingsOf(...files, '--framework', 'terraform_plan', ...MISLED);
    },
    ...ENVIRONMENTS.filter((name) => name !== 'prod').map((name) => () => plan(name)),
    async () => {
      found.planted = await findingsOf('-d', PLANTED, '--framework', 'terraform');
    },
  ];
  const worker = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await task();
  };
  await Promise.all([worker(), worker()]);
}, 600_000);
afterAll(async () => {
  for (const { tree } of planned.values()) await tree.remove();
});

function plannedOf(environment: string): Planned {
  const found = planned.get(environment);
  if (!found) throw new Error(`${environment} was not planned`);
  return found;
}

type Made = Record<string, unknown> & { address: string };

const ofType = (resources: PlannedResource[], type: string): Made[] =>
  resources
    .filter((one) => one.mode === 'managed' && one.type === type)
    .map(({ address, change }) => ({ ...change.after, address }));

describe.each(ENVIRONMENTS)('the environment %s', (environment) => {
  const services = (): PlannedResource[] => plannedOf(environment).services;
  const all = (): PlannedResource[] => [...plannedOf(environment).foundation, ...services()];

  test('has ten services and three NATS servers, behind one load balancer', () => {
    expect(ofType(services(), 'aws_ecs_service')).toHaveLength(CATALOGUE.length + 3);
    expect(ofType(all(), 'aws_lb')).toHaveLength(1);
  });

  test('has names that AWS takes', () => {
    const balanced = [...ofType(all(), 'aws_lb'), ...ofType(all(), 'aws_lb_target_group')];
    expect(balanced.filter(({ name }) => String(name).length > 32)).toEqual([]);
    const roles = ofType(all(), 'aws_iam_role').map(({ name }) => String(name));
    expect(roles.filter((name) => name.length > 64)).toEqual([]);
    expect(new Set(roles).size).toBe(roles.length);
  });

  test('bounds every role', () => {
    const boundaries = ofType(all(), 'aws_iam_role').map((role) => role.permissions_boundary);
    expect(new Set(boundaries)).toEqual(new Set(['arn:aws:iam::123456789012:policy/shop-boundary']));
  });

  test('gives no task a public address, and opens nothing but 80 and 443 to the world', () => {
    const networks = ofType(services(), 'aws_ecs_service').flatMap((one) => one.network_configuration);
    expect(networks).toHaveLength(CATALOGUE.length + 3);
    expect(networks).toEqual(networks.map(() => expect.objectContaining({ assign_public_ip: false })));
    const open = ofType(all(), 'aws_vpc_security_group_ingress_rule').filter(
      (rule) => rule.cidr_ipv4 === '0.0.0.0/0',
    );
    expect(open.map((rule) => rule.from_port).sort()).toEqual([443, 80]);
    const ranges = ofType(services(), 'aws_vpc_security_group_ingress_rule').filter((rule) => rule.cidr_ipv4);
    expect(ranges).toEqual([]);
  });

  test.each(CATALOGUE.filter((name) => existsSync(join(SERVICES, name, 'config.ts'))))(
    'gives %s a configuration that it can start with',
    async (name) => {
      const given = variablesOf(services(), name);
      const description = Object.values(await import(join(SERVICES, name, 'config.ts'))).find(isDescription);
      if (!description) throw new Error(`services/${name}/config.ts describes no service`);
      expect(() => readConfig(description.config, given)).not.toThrow();
    },
  );
});

type Container = { environment?: { name: string; value: string }[]; secrets?: { name: string }[] };
type Description = { config: Parameters<typeof readConfig>[0] };

/** What a service's container is started with; a secret's value stands for whatever ECS fetches. */
function variablesOf(resources: PlannedResource[], service: string): Record<string, string> {
  const address = `module.service["${service}"].aws_ecs_task_definition.bootstrap`;
  const task = ofType(resources, 'aws_ecs_task_definition').find((one) => one.address === address);
  const [container] = JSON.parse(String(task?.container_definitions)) as Container[];
  return Object.fromEntries([
    ...(container?.environment ?? []).map(({ name, value }) => [name, value]),
    ...(container?.secrets ?? []).map(({ name }) => [name, 'fetched']),
  ]);
}

const isDescription = (value: unknown): value is Description =>
  typeof value === 'object' && value !== null && 'name' in value && 'config' in value;

describe('in prod', () => {
  type Policy = { Statement: { Action: string | string[]; Resource: string | string[] }[] };

  /** The resources on which a service's own code may do something. */
  function resourcesOf(service: string, action: string): string[] {
    const address = `module.service["${service}"].aws_iam_role_policy.task["this"]`;
    const made = ofType(plannedOf('prod').services, 'aws_iam_role_policy').find(
      (one) => one.address === address,
    );
    const { Statement } = JSON.parse(String(made?.policy)) as Policy;
    return Statement.filter(({ Action }) => [Action].flat().includes(action)).flatMap(({ Resource }) =>
      [Resource].flat(),
    );
  }

  test('one sends mails and the other takes them, on the same queue', () => {
    const [queue, ...others] = resourcesOf('email-api', 'sqs:SendMessage');
    expect(others).toEqual([]);
    expect(resourcesOf('email-consumer', 'sqs:ReceiveMessage')).toEqual([queue]);
    expect(resourcesOf('email-api', 'sqs:ReceiveMessage')).toEqual([]);
    expect(resourcesOf('email-consumer', 'sqs:SendMessage')).toEqual([]);
    expect(resourcesOf('notification', 'sqs:SendMessage')).toContain(queue);
  });

  test('each service writes into its own part of a bucket', () => {
    expect(resourcesOf('email-consumer', 's3:PutObject')).toEqual([expect.stringMatching(/\/emails\/\*$/)]);
    expect(resourcesOf('order', 's3:PutObject')).toEqual([expect.stringMatching(/\/receipts\/\*$/)]);
    expect(resourcesOf('dispatch', 's3:PutObject')).toEqual([expect.stringMatching(/\/trips\/\*$/)]);
    expect(resourcesOf('driver', 's3:PutObject')).toEqual([]);
  });

  test('no two services read the same database secret', () => {
    const withSchema = ['identity', 'order', 'driver', 'dispatch', 'notification', 'tracking', 'customer'];
    const secrets = withSchema.map(
      (service) => variablesOf(plannedOf('prod').services, service).DB_SECRET_ARN,
    );
    expect(new Set(secrets).size).toBe(withSchema.length);
    for (const [index, service] of withSchema.entries()) {
      const readable = resourcesOf(service, 'secretsmanager:GetSecretValue');
      expect(secrets.filter((secret) => secret !== undefined && readable.includes(secret))).toEqual([
        secrets[index],
      ]);
    }
  });

  test('dispatch grows with the orders that wait, by the metric it writes itself', () => {
    const { services } = plannedOf('prod');
    const policies = ofType(services, 'aws_appautoscaling_policy').filter(({ address }) =>
      address.startsWith('module.service["dispatch"].aws_appautoscaling_policy.custom'),
    );
    const metric = { namespace: 'shop-prod', metric_name: 'dispatch_queue_depth', statistic: 'Average' };
    expect(policies).toMatchObject([
      {
        target_tracking_scaling_policy_configuration: [
          { target_value: 50, customized_metric_specification: [metric] },
        ],
      },
    ]);
    expect(variablesOf(services, 'dispatch').METRIC_NAMESPACE).toBe('shop-prod');
  });

  test('database, cache, tables and load balancer survive a zone, a mistake and a deletion', () => {
    const { foundation } = plannedOf('prod');
    expect(ofType(foundation, 'aws_db_instance')).toEqual([
      expect.objectContaining({ multi_az: true, deletion_protection: true, storage_encrypted: true }),
    ]);
    expect(ofType(foundation, 'aws_elasticache_replication_group')).toEqual([
      expect.objectContaining({ multi_az_enabled: true, transit_encryption_enabled: true }),
    ]);
    expect(ofType(foundation, 'aws_dynamodb_table')).toEqual([
      expect.objectContaining({ deletion_protection_enabled: true }),
    ]);
    expect(ofType(foundation, 'aws_lb')).toEqual([
      expect.objectContaining({ enable_deletion_protection: true }),
    ]);
    expect(ofType(foundation, 'aws_nat_gateway')).toHaveLength(2);
  });
});

test('an environment may have OpenSearch, a rule for each service at the edge, and names from DNS', async () => {
  const { tree } = plannedOf('dev');
  const file = join(tree.folder, 'environments/dev.tf');
  const asked = '  dev = {\n    opensearch = {}\n    edge       = "direct"\n    discovery  = "cloud_map"\n';
  await writeFile(file, (await readFile(file, 'utf8')).replace('  dev = {\n', asked));
  const services = await planServices(tree, 'dev');
  expect(ofType(services, 'aws_opensearch_domain')).toHaveLength(1);
  expect(ofType(services, 'aws_cloudwatch_log_subscription_filter')).toHaveLength(CATALOGUE.length);
  const paths = ofType(services, 'aws_lb_listener_rule').map((rule) => JSON.stringify(rule.condition));
  expect(paths.filter((path) => path.includes('/orders/*'))).toHaveLength(1);
  expect(paths).toHaveLength(8);
  // Those that are called by others, and the three NATS servers.
  expect(ofType(services, 'aws_service_discovery_service')).toHaveLength(8 + 3);
});

/**
 * Both stacks' plans as JSON files. The foundation's is one of no changes after it was made of fakes, so that keys and
 * names made in the same plan are known in it.
 */
async function planFiles(tree: Tree): Promise<string[]> {
  await planOf(tree, 'stacks/foundation', ...variables({ environment: 'prod' }));
  return Promise.all(
    ['foundation', 'services'].map(async (stack) => {
      const { stdout } = await tree.run(`stacks/${stack}`, 'show', '-json', 'plan.bin');
      const file = join(tree.folder, `${stack}.json`);
      await writeFile(file, stdout);
      return file;
    }),
  );
}

/** What checkov says of prod when no skip counts: what prod is meant to be, each with its reason in the code. */
const MEANT = [
  'CKV2_AWS_28', // a web ACL is an option
  'CKV2_AWS_34', // templates and addresses are plain parameters
  'CKV2_AWS_57', // passwords change by raising their version
  'CKV2_AWS_62', // nobody listens to buckets
  'CKV_AWS_144', // copies elsewhere are AWS Backup's
  'CKV_AWS_145', // logs are delivered under AWS's own key only
  'CKV_AWS_260', // port 80 redirects
  'CKV_AWS_378', // TLS ends at the load balancer
];

/** Made-up results give each route a target of every kind, which this rule takes for an internet gateway. */
const MISLED = ['--skip-check', 'CKV2_AWS_35'];

describe('checkov', () => {
  test('finds nothing in the code without a reasoned skip', () => {
    expect(found.code).toEqual([]);
  });

  test('finds in the plan of prod, skips not counted, only what prod is meant to be', () => {
    const rules = new Set(found.plan.map((finding) => finding.split(' ')[0] ?? ''));
    expect([...rules].sort()).toEqual(MEANT);
  });

  test('finds what a module opens to the world by its arguments', () => {
    const rule = 'module.planted.aws_vpc_security_group_ingress_rule.planted["0.0.0.0/0"]';
    expect(found.planted).toEqual([`CKV_AWS_24 ${rule} /rule/main.tf`]);
  });

  test('is told with every skip why', async () => {
    const { stdout } = await promisify(execFile)('grep', [
      '-rhoE',
      'checkov:skip=.*',
      TERRAFORM,
      '--include=*.tf',
    ]);
    const skips = stdout.trim().split('\n');
    expect(skips.length).toBeGreaterThan(20);
    expect(skips.filter((skip) => !/^checkov:skip=CKV2?_AWS_\d+:\S.{7,}$/.test(skip))).toEqual([]);
    expect(MEANT.filter((rule) => !stdout.includes(`checkov:skip=${rule}:`))).toEqual([]);
  });
});
