import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { test } from '../../local/terraform/test/needs-terraform.ts';
import { copyTree, type Tree } from './tree.ts';

let tree: Tree;
let graph: Map<string, string[]>;

beforeAll(async () => {
  tree = await copyTree();
  await tree.run('stacks/single', 'init', '-input=false');
  const { stdout } = await tree.run('stacks/single', 'graph');
  const edges = [...stdout.matchAll(/^\s*"([^"]+)" -> "([^"]+)";$/gm)];
  graph = new Map();
  for (const [, from = '', to = ''] of edges) graph.set(from, [...(graph.get(from) ?? []), to]);
});
afterAll(() => tree?.remove());

/** All that Terraform has made before it makes this. */
function madeBefore(resource: string, seen = new Set<string>()): Set<string> {
  for (const next of graph.get(resource) ?? []) {
    if (seen.has(next)) continue;
    seen.add(next);
    madeBefore(next, seen);
  }
  return seen;
}

/** What nothing but time would keep apart: each fails now and then, and not where the next apply mends it by itself. */
describe.each<[string, string[]]>([
  [
    // Tasks that cannot pull, log or begin trip the breaker, and the first deployment has nothing to go back to.
    'module.service.aws_ecs_service.rolling',
    [
      'module.cluster.aws_ecs_cluster_capacity_providers.this',
      'module.network.aws_route.nat_gateway',
      'module.network.aws_route.nat_instance',
      'module.network.aws_route_table_association.private',
      'module.network.aws_vpc_endpoint.gateway',
      'module.network.aws_vpc_endpoint.interface',
      'module.service.aws_iam_role_policy.execution',
      'module.service.aws_iam_role_policy.task',
      'module.service.aws_vpc_security_group_egress_rule.balancer',
      'module.service.aws_vpc_security_group_egress_rule.endpoints',
      'module.service.aws_vpc_security_group_egress_rule.internet',
      'module.service.aws_vpc_security_group_egress_rule.prefix_list',
      'module.service.aws_vpc_security_group_ingress_rule.balancer',
    ],
  ],
  [
    // ELB takes no subnet without a way to the internet, and no bucket it cannot write to.
    'module.balancer.aws_lb.this',
    ['module.log_bucket.aws_s3_bucket_policy.this', 'module.network.aws_route.internet'],
  ],
  // It fetches what it needs once, at its first start.
  [
    'module.network.aws_instance.nat',
    ['module.network.aws_route.internet', 'module.network.aws_vpc_security_group_egress_rule.nat'],
  ],
])('%s', (resource, needed) => {
  test.each(needed)('is made after %s', (before) => {
    expect([...madeBefore(resource)]).toContain(before);
  });
});
