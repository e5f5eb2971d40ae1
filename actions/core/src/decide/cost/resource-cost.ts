import type { PlannedResource, Values } from '../../terraform/plan-json.ts';
import type { Priced } from './price-table.ts';
import { tryServiceTasks } from './service-tasks.ts';
import { blocksOf, numberOf } from './task-share.ts';

/** What one resource is paid for by the hour or month. */
export interface Charge {
  readonly component: string;
  readonly parts: readonly Priced[];
  /** The same at the most, where it scales by itself. */
  readonly most?: readonly Priced[];
  /** What is not in it, in words. */
  readonly leftOut?: readonly string[];
}

type Charged = (resource: PlannedResource, all: readonly PlannedResource[]) => readonly Charge[];

const hourly = (price: string, quantity: number): Priced => ({ price, quantity, per: 'hour' });
const monthly = (price: string, quantity: number): Priced => ({ price, quantity, per: 'month' });
const only =
  (component: string, parts: (values: Values) => readonly Priced[]): Charged =>
  ({ values }) => [{ component, parts: parts(values) }];

/** An internet-facing load balancer has an address in each of its subnets; AWS wants two of them at the least. */
const loadBalancer: Charged = ({ values }) => {
  const kind = values.load_balancer_type ?? 'application';
  const price = kind === 'application' ? 'alb' : `${kind}-load-balancer`;
  const balancer = { component: 'Load balancer', parts: [hourly(price, 1)] };
  if (values.internal === true) return [balancer];
  const subnets = blocksOf(values, 'subnets').length || blocksOf(values, 'subnet_mapping').length;
  const addresses = {
    component: 'Public IPv4 addresses',
    parts: [hourly('public-ipv4', subnets || 2)],
    ...(subnets === 0 ? { leftOut: ['its addresses but two, as the plan does not tell its subnets'] } : {}),
  };
  return [balancer, addresses];
};

const endpoint: Charged = ({ values }) => {
  if (values.vpc_endpoint_type !== 'Interface') return [];
  const zones = blocksOf(values, 'subnet_ids').length;
  const leftOut =
    zones === 0 ? { leftOut: ['its zones but one, as the plan does not tell its subnets'] } : {};
  return [{ component: 'Endpoints', parts: [hourly('interface-endpoint', zones || 1)], ...leftOut }];
};

const database: Charged = ({ values }) => {
  const zones = values.multi_az === true ? 2 : 1;
  const price = `rds-${values.instance_class}${zones === 2 ? '-multi-az' : ''}`;
  const kind = String(values.storage_type ?? 'gp3') || 'gp3';
  const storage = monthly(`rds-${kind}-gb`, zones * numberOf(values.allocated_storage));
  const hasSize = numberOf(values.allocated_storage) > 0;
  return [
    {
      component: 'Database',
      parts: [hourly(price, 1), ...(hasSize ? [storage] : [])],
      ...(hasSize ? {} : { leftOut: ['storage, whose size the plan does not tell'] }),
    },
  ];
};

const cache: Charged = ({ values }) => {
  const groups = Math.max(1, numberOf(values.num_node_groups));
  const nodes =
    numberOf(values.num_cache_clusters) || groups * (1 + numberOf(values.replicas_per_node_group));
  const engine = values.engine === 'valkey' ? 'valkey' : 'redis';
  return [{ component: 'Cache', parts: [hourly(`cache-${engine}-${values.node_type}`, nodes)] }];
};

const search: Charged = ({ values }) => {
  const [cluster = {}] = blocksOf(values, 'cluster_config');
  const [storage = {}] = blocksOf(values, 'ebs_options');
  const count = numberOf(cluster.instance_count) || 1;
  const kind = String(storage.volume_type ?? 'gp3') || 'gp3';
  return [
    {
      component: 'Search',
      parts: [
        hourly(`opensearch-${cluster.instance_type}`, count),
        monthly(`opensearch-${kind}-gb`, count * numberOf(storage.volume_size)),
      ],
    },
  ];
};

const service: Charged = (resource, all) => {
  const tasks = tryServiceTasks(resource, all);
  if (!tasks)
    return [
      { component: 'ECS Fargate', parts: [], leftOut: ['its tasks, whose size the plan does not tell'] },
    ];
  return [
    {
      component: 'ECS Fargate',
      parts: tasks.priced(tasks.least),
      most: tasks.priced(tasks.most),
      leftOut: tasks.leftOut,
    },
  ];
};

/** An alarm is paid by the metrics it reads. */
const alarm = only('CloudWatch', (values) => {
  const metrics = blocksOf(values, 'metric_query').filter((query) => blocksOf(query, 'metric').length > 0);
  return [monthly('alarm-metric', Math.max(1, metrics.length))];
});

const instance: Charged = ({ values }) => [
  { component: 'Instances', parts: [hourly(`ec2-${values.instance_type}`, 1)], leftOut: ['its disk'] },
  ...(values.associate_public_ip_address === true
    ? [{ component: 'Public IPv4 addresses', parts: [hourly('public-ipv4', 1)] }]
    : []),
];

/** What is paid for being there, by resource type. */
export const CHARGED: Readonly<Record<string, Charged>> = {
  aws_cloudwatch_composite_alarm: only('CloudWatch', () => [monthly('composite-alarm', 1)]),
  aws_cloudwatch_dashboard: only('CloudWatch', () => [monthly('dashboard', 1)]),
  aws_cloudwatch_metric_alarm: alarm,
  aws_db_instance: database,
  aws_ecs_service: service,
  aws_eip: only('Public IPv4 addresses', () => [hourly('public-ipv4', 1)]),
  aws_elasticache_replication_group: cache,
  aws_instance: instance,
  aws_kms_key: only('KMS keys', () => [monthly('kms-key', 1)]),
  aws_lb: loadBalancer,
  aws_nat_gateway: only('NAT gateways', () => [hourly('nat-gateway', 1)]),
  aws_opensearch_domain: search,
  aws_secretsmanager_secret: only('Secrets Manager', () => [monthly('secret', 1)]),
  aws_vpc_endpoint: endpoint,
};
