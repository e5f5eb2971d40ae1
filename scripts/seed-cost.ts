/** The table "Cost Breakdown" of seed 001, by the components of ours that hold the same. */
const SEED: Readonly<Record<string, string>> = {
  'ECS Fargate': '$30-50',
  'Load balancer': '$20',
  'NAT gateways': '$90',
  'Public IPv4 addresses': '$7',
  'Secrets Manager': '$1',
  CloudWatch: '$2',
  S3: '<$1',
  Total: '~$150-170',
};

/** The seed's column for the given components, with its head first; empty where the seed has none. */
export function seedRows(components: readonly string[]): string[] {
  return ['Seed 001', ...components.map((component) => SEED[component] ?? '')];
}
