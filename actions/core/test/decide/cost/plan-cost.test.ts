import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { costChange, costOf } from '../../../src/decide/cost/plan-cost.ts';
import type { PriceTable } from '../../../src/decide/cost/price-table.ts';
import { CHARGED } from '../../../src/decide/cost/resource-cost.ts';
import { BY_USE, FREE } from '../../../src/decide/cost/resource-kinds.ts';
import { shareTasks } from '../../../src/decide/cost/task-share.ts';
import type { PlannedResource, Values } from '../../../src/terraform/plan-json.ts';

const TERRAFORM = join(import.meta.dirname, '..', '..', '..', '..', '..', 'terraform');
const table = JSON.parse(readFileSync(join(TERRAFORM, 'pricing', 'us-east-1.json'), 'utf8')) as PriceTable & {
  note: string;
};

const resource = (type: string, values: Values = {}, address = `${type}.this`): PlannedResource => ({
  address,
  type,
  values,
});
const centsOf = (...resources: PlannedResource[]): number => Math.round(costOf(resources, table).usd * 100);

/** A service of two quarter-size tasks with the scaling and the cluster that a plan has beside it. */
const service = (values: Values = {}, cluster?: Values): PlannedResource[] => [
  resource('aws_ecs_service', {
    name: 'web',
    cluster: 'arn:aws:ecs:us-east-1:1:cluster/shop',
    desired_count: 2,
    ...values,
  }),
  resource('aws_ecs_task_definition', { family: 'shop-web', cpu: '256', memory: '512' }),
  ...(cluster ? [resource('aws_ecs_cluster_capacity_providers', { cluster_name: 'shop', ...cluster })] : []),
];
const onDemand = {
  default_capacity_provider_strategy: [{ capacity_provider: 'FARGATE', base: 1, weight: 100 }],
};
const spot = {
  default_capacity_provider_strategy: [{ capacity_provider: 'FARGATE_SPOT', base: 0, weight: 100 }],
};

describe('what a month costs', () => {
  test.each<[string, PlannedResource[], number]>([
    ['two small tasks', service({}, onDemand), 1802],
    ['the same on Spot', service({}, spot), 575],
    [
      'the same by the service’s own strategy',
      service({ capacity_provider_strategy: spot.default_capacity_provider_strategy }),
      575,
    ],
    [
      'a load balancer with two addresses',
      [resource('aws_lb', { internal: false, subnets: [null, null] })],
      1643 + 730,
    ],
    ['an inner load balancer', [resource('aws_lb', { internal: true, subnets: ['a', 'b'] })], 1643],
    ['a NAT gateway', [resource('aws_nat_gateway')], 3285],
    [
      'an endpoint in two zones',
      [resource('aws_vpc_endpoint', { vpc_endpoint_type: 'Interface', subnet_ids: ['a', 'b'] })],
      1460,
    ],
    ['a gateway endpoint', [resource('aws_vpc_endpoint', { vpc_endpoint_type: 'Gateway' })], 0],
    [
      'a database in two zones',
      [
        resource('aws_db_instance', {
          instance_class: 'db.t4g.micro',
          multi_az: true,
          allocated_storage: 20,
        }),
      ],
      2336 + 460,
    ],
    [
      'a database in one',
      [
        resource('aws_db_instance', {
          instance_class: 'db.t4g.micro',
          multi_az: false,
          allocated_storage: 20,
        }),
      ],
      1168 + 230,
    ],
    [
      'two nodes of a cache',
      [
        resource('aws_elasticache_replication_group', {
          engine: 'valkey',
          node_type: 'cache.t4g.micro',
          num_cache_clusters: 2,
        }),
      ],
      1869,
    ],
    [
      'a search domain of 10 GB',
      [
        resource('aws_opensearch_domain', {
          cluster_config: [{ instance_type: 't3.small.search', instance_count: 1 }],
          ebs_options: [{ volume_type: 'gp3', volume_size: 10 }],
        }),
      ],
      2628 + 122,
    ],
    [
      'an alarm over two metrics',
      [
        resource('aws_cloudwatch_metric_alarm', {
          metric_query: [{ metric: [{}] }, { metric: [{}] }, { expression: 'a/b', metric: [] }],
        }),
      ],
      20,
    ],
    [
      'a secret, a key, a dashboard, an alarm of alarms',
      ['secretsmanager_secret', 'kms_key', 'cloudwatch_dashboard', 'cloudwatch_composite_alarm'].map((name) =>
        resource(`aws_${name}`),
      ),
      490,
    ],
    ['nothing', [], 0],
  ])('of %s', (_, resources, cents) => {
    expect(centsOf(...resources)).toBe(cents);
  });

  test('counts a service at the least its scaling allows, and tells the most', () => {
    const scaling = resource('aws_appautoscaling_target', {
      resource_id: 'service/shop/web',
      scalable_dimension: 'ecs:service:DesiredCount',
      min_capacity: 1,
      max_capacity: 4,
    });
    const { usd, mostUsd } = costOf([...service({}, onDemand), scaling], table);
    expect([usd, mostUsd].map((value) => Math.round(value * 100))).toEqual([901, 3604]);
  });

  test('finds the size of a service in its own module', () => {
    const inModule = (name: string, cpu: string): PlannedResource[] => [
      resource(
        'aws_ecs_service',
        { name, launch_type: 'FARGATE', desired_count: 1 },
        `module.service["${name}"].aws_ecs_service.rolling["this"]`,
      ),
      resource(
        'aws_ecs_task_definition',
        { family: name, cpu, memory: '512' },
        `module.service["${name}"].aws_ecs_task_definition.bootstrap`,
      ),
    ];
    const both = [...inModule('a.b', '256'), ...inModule('b', '512')];
    expect(centsOf(...both)).toBe(901 + 1640);
  });
});

describe('what is not known', () => {
  const leftOut = (...resources: PlannedResource[]): string[] =>
    costOf(resources, table).leftOut.map(({ what }) => what);

  test.each<[string, PlannedResource[], string]>([
    [
      'a size without a price',
      [
        resource('aws_db_instance', {
          instance_class: 'db.r9g.large',
          multi_az: false,
          allocated_storage: 20,
        }),
      ],
      'rds-db.r9g.large, for which the table has no price',
    ],
    [
      'a price that nobody found',
      [resource('aws_instance', { instance_type: 't4g.nano' })],
      'ec2-t4g.nano, for which the table has no price',
    ],
    [
      'a type nobody has heard of',
      [resource('aws_grafana_workspace')],
      'aws_grafana_workspace, whose price is not known here',
    ],
    [
      'a service whose tasks are elsewhere',
      [resource('aws_ecs_service', { name: 'web' })],
      'its tasks, whose size the plan does not tell',
    ],
    [
      'a cluster that is in another plan',
      service(),
      'whether its tasks run on Spot: the cluster is not in this plan',
    ],
    [
      'another Region',
      [resource('aws_kms_key', { region: 'us-west-2' })],
      'what differs in us-west-2, counted at the prices of us-east-1',
    ],
    [
      'how many addresses a load balancer has',
      [resource('aws_lb')],
      'its addresses but two, as the plan does not tell its subnets',
    ],
    [
      'how many zones an endpoint is in',
      [resource('aws_vpc_endpoint', { vpc_endpoint_type: 'Interface' })],
      'its zones but one, as the plan does not tell its subnets',
    ],
    [
      'another kind of load balancer',
      [resource('aws_lb', { load_balancer_type: 'network', internal: true })],
      'network-load-balancer, for which the table has no price',
    ],
  ])('%s is said, never counted as nothing', (_, resources, sentence) => {
    expect(leftOut(...resources)).toContain(sentence);
  });

  test('what is paid by use is told with the price of a unit', () => {
    expect(costOf([resource('aws_nat_gateway'), resource('aws_sqs_queue')], table).byUse).toEqual([
      { component: 'NAT gateways', what: 'GB through them', count: 1, unit: { usd: 0.045, of: 'GB' } },
      { component: 'Messages', what: 'requests', count: 1 },
    ]);
  });

  test('every type that our Terraform makes is of one kind', () => {
    const files = readdirSync(TERRAFORM, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.tf'),
    );
    const code = files.map((name) => readFileSync(join(TERRAFORM, name), 'utf8')).join('\n');
    const types = new Set([...code.matchAll(/^resource "(aws_\w+)"/gm)].map(([, type = '']) => type));
    const named = [...types].filter((type) => !(type in CHARGED || type in BY_USE || FREE.has(type)));
    expect(types.size).toBeGreaterThan(60);
    // Cloud Map is billed by zone, instance and question; no price of it was found.
    expect(named.sort()).toEqual([
      'aws_service_discovery_private_dns_namespace',
      'aws_service_discovery_service',
    ]);
    expect([...FREE].filter((type) => type in CHARGED || type in BY_USE)).toEqual([]);
  });
});

describe('what a change costs', () => {
  const nat = resource('aws_nat_gateway');
  const lb = resource('aws_lb', { internal: true });

  test('is the difference, the largest part first', () => {
    const change = costChange(costOf([lb], table), costOf([nat], table));
    expect(change.lines.map(({ component }) => component)).toEqual(['NAT gateways', 'Load balancer']);
    expect(Math.round(change.usd * 100)).toBe(1643);
    expect(change.byUse).toEqual([expect.objectContaining({ component: 'NAT gateways' })]);
  });

  test('is nothing where nothing changes, and the opposite the other way round', () => {
    const some = fc.subarray([
      nat,
      lb,
      resource('aws_kms_key'),
      resource('aws_sqs_queue'),
      ...service({}, spot),
    ]);
    fc.assert(
      fc.property(some, some, (a, b) => {
        const [before, after] = [costOf(a, table), costOf(b, table)];
        expect(costChange(before, before)).toMatchObject({ usd: 0, lines: [], leftOut: [], byUse: [] });
        expect(costChange(before, after).usd).toBeCloseTo(-costChange(after, before).usd);
      }),
    );
  });
});

test('tasks are shared out whole: none is lost, none is counted twice', () => {
  const item = fc.record({
    capacity_provider: fc.constantFrom('FARGATE', 'FARGATE_SPOT'),
    base: fc.nat(3),
    weight: fc.nat(100),
  });
  const strategy = fc.uniqueArray(item, { maxLength: 2, selector: (one) => one.capacity_provider });
  fc.assert(
    fc.property(fc.nat(20), strategy, (count, items) => {
      const { onDemand: steady, spot: cheap } = shareTasks(count, items);
      expect(steady + cheap).toBeCloseTo(count);
      expect(Math.min(steady, cheap)).toBeGreaterThanOrEqual(-1e-9);
    }),
  );
});

test('each price has a unit and says where it is from', () => {
  const kinds = ['several pages', 'one page', 'derived', 'unverified'];
  for (const { usd, unit, certainty, source } of Object.values(table.prices)) {
    expect(usd === null || usd > 0).toBe(true);
    expect(unit).toMatch(/\S/);
    expect(kinds).toContain(certainty);
    expect(source).toMatch(/.{8,}/);
  }
  expect(table.read).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(table.note).toMatch(/not taken from AWS's own price list/);
});
