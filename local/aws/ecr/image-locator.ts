import { lookUpPullable } from './api-images.ts';
import { isDigest } from './manifest.ts';
import type { RegistryId } from './records.ts';
import type { Repositories } from './repositories.ts';

/** Tells which image a reference names; what Docker and ECS do with a tag at the start of a deployment. */
export interface ImageResolver {
  /**
   * The digest of an image reference of this registry, seen from an account and Region; `undefined` when
   * the reference is of another registry, nothing is there, or what is there is archived.
   */
  resolve(image: string, accountId: string, region: string): Promise<string | undefined>;
}

/** An image reference cut into its parts, `undefined` when it names another host. */
export function parseReference(image: string, hosts: readonly string[]) {
  const host = hosts.find((candidate) => image.startsWith(`${candidate}/`));
  if (host === undefined) return undefined;
  const [, name = '', tag, digest] =
    image.slice(host.length + 1).match(/^([^:@]+)(?::([^@]+))?(?:@(.+))?$/) ?? [];
  return name ? { name, tag, digest } : undefined;
}

/**
 * The registry that a reference of this host means for an account: its own, else another account's that has
 * a repository of the name, same Region first. On AWS the account is part of the host; here it is not.
 */
export function locateRegistry(
  repositories: Repositories,
  name: string,
  registry: RegistryId,
): RegistryId | undefined {
  const candidates = repositories.named(name);
  const distance = (candidate: { registryId: string; region: string }) =>
    (candidate.region === registry.region ? 0 : 2) + (candidate.registryId === registry.accountId ? 0 : 1);
  const [nearest] = candidates.sort((a, b) => distance(a) - distance(b));
  return nearest && { accountId: nearest.registryId, region: nearest.region };
}

export function createImageResolver(
  repositories: Repositories,
  hosts: readonly string[],
  now: () => number,
): ImageResolver {
  return {
    async resolve(image, accountId, region) {
      const reference = parseReference(image, hosts);
      if (!reference) return undefined;
      const registry = locateRegistry(repositories, reference.name, { accountId, region });
      const repository = registry && repositories.tryFind(registry, reference.name);
      if (!repository) return undefined;
      const { digest, tag = 'latest' } = reference;
      const id = digest && isDigest(digest) ? { imageDigest: digest } : { imageTag: tag };
      const lookup = lookUpPullable(repository, id, now());
      return 'failure' in lookup ? undefined : lookup.image.digest;
    },
  };
}
