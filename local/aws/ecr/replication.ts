import type { ReplicationRule } from '@aws-sdk/client-ecr';
import { AwsFault } from '../fault.ts';
import { parseManifest } from './manifest.ts';
import { pushImage } from './push-image.ts';
import { type ImageRecord, newRepository, type RegistryId, type RepositoryRecord } from './records.ts';
import type { Repositories } from './repositories.ts';

/** The replication of every registry. */
export type Replication = {
  rulesOf(registry: RegistryId): readonly ReplicationRule[];
  configure(registry: RegistryId, rules: readonly ReplicationRule[]): void;
  /** Copies an image that has just been pushed; `now` in epoch milliseconds. */
  copy(repository: RepositoryRecord, image: ImageRecord, push: { tag?: string; now: number }): void;
};

/**
 * Copies what is pushed to the other Regions that its registry names, at once: into the repository of the same name,
 * which is made where there is none. What was there before, and what a copy is, is not copied. How it went is kept with
 * the image.
 * Source: ECR user guide, "Private image replication" (read 2026-11).
 */
export function createReplication(repositories: Repositories): Replication {
  const all = new Map<string, readonly ReplicationRule[]>();
  const keyOf = ({ accountId, region }: RegistryId) => `${accountId}/${region}`;
  const rulesOf = (registry: RegistryId) => all.get(keyOf(registry)) ?? [];

  function repositoryAt(registry: RegistryId, name: string, now: number): RepositoryRecord {
    const known = repositories.tryFind(registry, name);
    if (known) return known;
    const made = newRepository(registry, name, now);
    repositories.add(made);
    return made;
  }

  return {
    rulesOf,
    configure: (registry, rules) => void all.set(keyOf(registry), rules),
    copy(repository, image, { tag, now }) {
      const source = { accountId: repository.registryId, region: repository.region };
      for (const target of destinationsOf(rulesOf(source), repository.name)) {
        const failureCode = failureOf(() =>
          copyImage(image, { from: repository, to: repositoryAt(target, repository.name, now), tag, now }),
        );
        const others = image.copies?.filter(({ region }) => region !== target.region) ?? [];
        image.copies = [...others, { ...target, ...(failureCode !== undefined && { failureCode }) }];
      }
    },
  };
}

/** Where what is pushed to a repository goes: to each place once, however many rules name it. */
export function destinationsOf(rules: readonly ReplicationRule[], repositoryName: string): RegistryId[] {
  const places = rules
    .filter(({ repositoryFilters: filters = [] }) => {
      return filters.length === 0 || filters.some(({ filter = '' }) => repositoryName.startsWith(filter));
    })
    .flatMap(({ destinations = [] }) => destinations)
    .map(
      ({ registryId: accountId = '', region = '' }) =>
        [`${accountId}/${region}`, { accountId, region }] as const,
    );
  return [...new Map(places).values()];
}

type Way = { from: RepositoryRecord; to: RepositoryRecord; tag: string | undefined; now: number };

/** An index takes its images along. */
function copyImage({ manifest, mediaType, members }: ImageRecord, { from, to, tag, now }: Way): void {
  for (const member of members) {
    const image = from.imagesByDigest.get(member);
    if (image) copyImage(image, { from, to, tag: undefined, now });
  }
  for (const { digest } of parseManifest(manifest, mediaType).blobs) to.layers.add(digest);
  pushImage(to, { manifest, mediaType, ...(tag !== undefined && { tag }), now });
}

/** The code of a refusal, as that of an immutable tag; `undefined` where there was none. */
function failureOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof AwsFault) return error.code;
    throw error;
  }
}
