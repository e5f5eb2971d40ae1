/** What ELBv2 makes ARNs for, by the word that stands in the ARN. */
export type ResourceKind = 'loadbalancer' | 'targetgroup' | 'listener' | 'listener-rule';

const patterns: Record<ResourceKind, RegExp> = {
  loadbalancer: /^loadbalancer\/(app|net|gwy)\/[A-Za-z0-9-]+\/[0-9a-f]{16}$/,
  targetgroup: /^targetgroup\/[A-Za-z0-9-]+\/[0-9a-f]{16}$/,
  listener: /^listener\/(app|net|gwy)\/[A-Za-z0-9-]+\/[0-9a-f]{16}\/[0-9a-f]{16}$/,
  'listener-rule': /^listener-rule\/(app|net|gwy)\/[A-Za-z0-9-]+\/[0-9a-f]{16}\/[0-9a-f]{16}\/[0-9a-f]{16}$/,
};

export interface ArnParts {
  kind: ResourceKind;
  accountId: string;
  region: string;
}

/**
 * Builds an ELBv2 ARN. `path` is what follows the kind, for instance `app/shop/50dc6c495c0c9188`.
 */
export function elbArn(
  scope: { accountId: string; region: string },
  kind: ResourceKind,
  path: string,
): string {
  return `arn:aws:elasticloadbalancing:${scope.region}:${scope.accountId}:${kind}/${path}`;
}

/** Splits an ELBv2 ARN; `undefined` for any other text. */
export function tryParseElbArn(arn: string): ArnParts | undefined {
  const match = /^arn:aws[a-z-]*:elasticloadbalancing:([a-z0-9-]+):(\d{12}):(.+)$/.exec(arn);
  const [, region, accountId, resource] = match ?? [];
  if (!region || !accountId || !resource) return undefined;
  for (const kind of ['loadbalancer', 'targetgroup', 'listener', 'listener-rule'] as const) {
    if (patterns[kind].test(resource)) return { kind, accountId, region };
  }
  return undefined;
}

/** The part of an ARN after its kind: `…:listener/app/shop/1f…/2e…` gives `app/shop/1f…/2e…`. */
export function arnPath(arn: string): string {
  return arn.slice(arn.indexOf('/') + 1);
}
