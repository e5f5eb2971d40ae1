import { AwsFault } from '../fault.ts';
import type { RegistryId, RepositoryRecord } from './records.ts';

/** The repositories of every account and Region, in memory. */
export interface Repositories {
  add(repository: RepositoryRecord): void;
  /** Throws `RepositoryNotFoundException` when there is none of that name. */
  find(registry: RegistryId, name: string): RepositoryRecord;
  tryFind(registry: RegistryId, name: string): RepositoryRecord | undefined;
  /** In the order of their names. */
  list(registry: RegistryId): RepositoryRecord[];
  remove(repository: RepositoryRecord): void;
  /** Repositories of that name in any account and Region. */
  named(name: string): RepositoryRecord[];
}

export function createRepositories(): Repositories {
  const all = new Map<string, RepositoryRecord>();
  const keyOf = (accountId: string, region: string, name: string) => `${accountId}/${region}/${name}`;
  return {
    add: (repository) => {
      all.set(keyOf(repository.registryId, repository.region, repository.name), repository);
    },
    find(registry, name) {
      const repository = all.get(keyOf(registry.accountId, registry.region, name));
      if (repository) return repository;
      throw repositoryNotFound(registry, name);
    },
    tryFind: ({ accountId, region }, name) => all.get(keyOf(accountId, region, name)),
    list: ({ accountId, region }) =>
      [...all.values()]
        .filter((repository) => repository.registryId === accountId && repository.region === region)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    remove: (repository) => {
      all.delete(keyOf(repository.registryId, repository.region, repository.name));
    },
    named: (name) => [...all.values()].filter((repository) => repository.name === name),
  };
}

/** ECR's answer about a repository that does not exist. */
export function repositoryNotFound({ accountId }: RegistryId, name: string): AwsFault {
  return new AwsFault(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${accountId}'`,
  );
}
