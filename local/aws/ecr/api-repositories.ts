import type * as ecr from '@aws-sdk/client-ecr';
import { AwsFault } from '../fault.ts';
import type { RequestContext } from '../wire/service.ts';
import { type Mutability, readMutability } from './mutability.ts';
import { pageOf } from './page.ts';
import { newRepository, type RegistryId, type RepositoryRecord } from './records.ts';
import { type Repositories, repositoryNotFound } from './repositories.ts';

/** The registry a call is about: its own account's unless it names another. */
export function registryOf(context: RequestContext, registryId?: string): RegistryId {
  return { accountId: registryId ?? context.accountId, region: context.region };
}

const NAME = /^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** Handlers for repositories, their tags, settings and policies. `host` is the registry's host and port. */
export function repositoryHandlers(repositories: Repositories, host: string) {
  const find = (context: RequestContext, input: { repositoryName?: string; registryId?: string }) =>
    repositories.find(registryOf(context, input.registryId), input.repositoryName ?? '');
  const describe = (repository: RepositoryRecord) => describeRepository(repository, host);

  return {
    CreateRepository(input: ecr.CreateRepositoryRequest, context: RequestContext) {
      const repository = repositoryOf(input, context);
      if (repositories.tryFind(registryOf(context, input.registryId), repository.name)) {
        const message = `The repository with name '${repository.name}' already exists in the registry with id '${repository.registryId}'`;
        throw new AwsFault('RepositoryAlreadyExistsException', message);
      }
      repositories.add(repository);
      return { repository: describe(repository) };
    },
    DescribeRepositories(input: ecr.DescribeRepositoriesRequest, context: RequestContext) {
      const registry = registryOf(context, input.registryId);
      if (input.repositoryNames?.length) {
        return {
          repositories: input.repositoryNames.map((name) => describe(repositories.find(registry, name))),
        };
      }
      const { items, nextToken } = pageOf(repositories.list(registry), input);
      return { repositories: items.map(describe), nextToken };
    },
    DeleteRepository(input: ecr.DeleteRepositoryRequest, context: RequestContext) {
      const repository = find(context, input);
      if (repository.imagesByDigest.size > 0 && !input.force) {
        const message = `The repository with name '${repository.name}' in registry with id '${repository.registryId}' cannot be deleted because it still contains images`;
        throw new AwsFault('RepositoryNotEmptyException', message);
      }
      repositories.remove(repository);
      return { repository: describe(repository) };
    },
    PutImageTagMutability(input: ecr.PutImageTagMutabilityRequest, context: RequestContext) {
      const repository = find(context, input);
      const { imageTagMutability, imageTagMutabilityExclusionFilters } = input;
      Object.assign(repository, readMutability(imageTagMutability, imageTagMutabilityExclusionFilters));
      const { registryId, name: repositoryName } = repository;
      return { registryId, repositoryName, ...describeMutability(repository) };
    },
    ...policyHandlers(find),
    ...resourceTagHandlers((arn, context) => {
      const repository = repositories.list(registryOf(context)).find((candidate) => candidate.arn === arn);
      if (!repository) throw repositoryNotFound(registryOf(context), arn.split(':repository/')[1] ?? arn);
      return repository;
    }),
  };
}

function repositoryOf(input: ecr.CreateRepositoryRequest, context: RequestContext): RepositoryRecord {
  const name = input.repositoryName ?? '';
  if (!NAME.test(name)) {
    const message = `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''`;
    throw new AwsFault('InvalidParameterException', message);
  }
  return {
    ...newRepository(registryOf(context, input.registryId), name, context.now),
    ...readMutability(input.imageTagMutability, input.imageTagMutabilityExclusionFilters),
    scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
    encryption: input.encryptionConfiguration ?? { encryptionType: 'AES256' },
    resourceTags: new Map((input.tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
  };
}

function describeRepository(repository: RepositoryRecord, host: string): ecr.Repository {
  return {
    repositoryArn: repository.arn,
    registryId: repository.registryId,
    repositoryName: repository.name,
    repositoryUri: `${host}/${repository.name}`,
    createdAt: new Date(repository.createdAt),
    ...describeMutability(repository),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: repository.encryption,
  };
}

const describeMutability = ({ tagMutability, tagMutabilityExclusions }: Mutability) => ({
  imageTagMutability: tagMutability,
  ...(tagMutabilityExclusions.length > 0
    ? { imageTagMutabilityExclusionFilters: tagMutabilityExclusions }
    : {}),
});

type Find = (
  context: RequestContext,
  input: { repositoryName?: string; registryId?: string },
) => RepositoryRecord;

/** Repository policies are kept and given back, not evaluated. */
function policyHandlers(find: Find) {
  const identify = ({ registryId, name }: RepositoryRecord) => ({ registryId, repositoryName: name });
  return {
    SetRepositoryPolicy(input: ecr.SetRepositoryPolicyRequest, context: RequestContext) {
      const repository = find(context, input);
      repository.repositoryPolicy = jsonText(input.policyText, 'policyText');
      return { ...identify(repository), policyText: repository.repositoryPolicy };
    },
    GetRepositoryPolicy(input: ecr.GetRepositoryPolicyRequest, context: RequestContext) {
      const repository = find(context, input);
      if (repository.repositoryPolicy === undefined) throw noPolicy(repository);
      return { ...identify(repository), policyText: repository.repositoryPolicy };
    },
    DeleteRepositoryPolicy(input: ecr.DeleteRepositoryPolicyRequest, context: RequestContext) {
      const repository = find(context, input);
      const policyText = repository.repositoryPolicy;
      if (policyText === undefined) throw noPolicy(repository);
      repository.repositoryPolicy = undefined;
      return { ...identify(repository), policyText };
    },
  };
}

function noPolicy(repository: RepositoryRecord): AwsFault {
  return new AwsFault(
    'RepositoryPolicyNotFoundException',
    `Repository policy does not exist for the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`,
  );
}

function jsonText(text: string | undefined, member: string): string {
  try {
    JSON.parse(text ?? '');
  } catch {
    throw new AwsFault('InvalidParameterException', `Invalid parameter at '${member}': it is not JSON.`);
  }
  return text ?? '';
}

function resourceTagHandlers(findByArn: (arn: string, context: RequestContext) => RepositoryRecord) {
  return {
    ListTagsForResource(input: ecr.ListTagsForResourceRequest, context: RequestContext) {
      const { resourceTags } = findByArn(input.resourceArn ?? '', context);
      return { tags: [...resourceTags].map(([Key, Value]) => ({ Key, Value })) };
    },
    TagResource(input: ecr.TagResourceRequest, context: RequestContext) {
      const { resourceTags } = findByArn(input.resourceArn ?? '', context);
      for (const { Key, Value } of input.tags ?? []) resourceTags.set(Key ?? '', Value ?? '');
      return {};
    },
    UntagResource(input: ecr.UntagResourceRequest, context: RequestContext) {
      const { resourceTags } = findByArn(input.resourceArn ?? '', context);
      for (const key of input.tagKeys ?? []) resourceTags.delete(key);
      return {};
    },
  };
}
