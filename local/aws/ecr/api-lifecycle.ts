import type * as ecr from '@aws-sdk/client-ecr';
import { AwsFault } from '../fault.ts';
import type { RequestContext } from '../wire/service.ts';
import { registryOf } from './api-repositories.ts';
import { type LifecycleMark, markByLifecycle, parseLifecyclePolicy } from './lifecycle.ts';
import { pageOf } from './page.ts';
import { type RepositoryRecord, tagsOf } from './records.ts';
import type { Repositories } from './repositories.ts';

/** Handlers for lifecycle policies: kept, given back and previewed, never run. */
export function lifecycleHandlers(repositories: Repositories) {
  const find = (context: RequestContext, input: { repositoryName?: string; registryId?: string }) =>
    repositories.find(registryOf(context, input.registryId), input.repositoryName ?? '');

  return {
    PutLifecyclePolicy(input: ecr.PutLifecyclePolicyRequest, context: RequestContext) {
      const repository = find(context, input);
      const { lifecyclePolicyText = '' } = input;
      parseLifecyclePolicy(lifecyclePolicyText);
      repository.lifecyclePolicy = lifecyclePolicyText;
      return { ...identify(repository), lifecyclePolicyText };
    },
    GetLifecyclePolicy(input: ecr.GetLifecyclePolicyRequest, context: RequestContext) {
      const repository = find(context, input);
      return { ...identify(repository), lifecyclePolicyText: policyOf(repository) };
    },
    DeleteLifecyclePolicy(input: ecr.DeleteLifecyclePolicyRequest, context: RequestContext) {
      const repository = find(context, input);
      const lifecyclePolicyText = policyOf(repository);
      repository.lifecyclePolicy = undefined;
      return { ...identify(repository), lifecyclePolicyText };
    },
    StartLifecyclePolicyPreview(input: ecr.StartLifecyclePolicyPreviewRequest, context: RequestContext) {
      const repository = find(context, input);
      const text = input.lifecyclePolicyText ?? policyOf(repository);
      const marks = preview(repository, text, context.now);
      repository.lifecyclePreview = { text, marks };
      return { ...identify(repository), lifecyclePolicyText: text, status: 'IN_PROGRESS' as const };
    },
    GetLifecyclePolicyPreview(input: ecr.GetLifecyclePolicyPreviewRequest, context: RequestContext) {
      const repository = find(context, input);
      const { lifecyclePreview: done } = repository;
      if (!done) {
        const message = `Lifecycle policy preview not found for the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`;
        throw new AwsFault('LifecyclePolicyPreviewNotFoundException', message);
      }
      const { items, nextToken } = pageOf(done.marks, {
        maxResults: input.maxResults,
        nextToken: input.nextToken,
      });
      return {
        ...identify(repository),
        lifecyclePolicyText: done.text,
        status: 'COMPLETE' as const,
        previewResults: items.map((mark) => resultOf(repository, mark)),
        summary: {
          expiringImageTotalCount: done.marks.filter(({ rule }) => rule.action === 'EXPIRE').length,
        },
        ...(nextToken === undefined ? {} : { nextToken }),
      };
    },
  };
}

const identify = ({ registryId, name }: RepositoryRecord) => ({ registryId, repositoryName: name });

function policyOf(repository: RepositoryRecord): string {
  if (repository.lifecyclePolicy !== undefined) return repository.lifecyclePolicy;
  throw new AwsFault(
    'LifecyclePolicyNotFoundException',
    `Lifecycle policy does not exist for the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`,
  );
}

function preview(repository: RepositoryRecord, text: string, now: number): LifecycleMark[] {
  const images = [...repository.imagesByDigest.values()];
  const held = new Set(images.flatMap(({ members }) => members));
  const seen = images.map(({ digest, pushedAt, pulledAt }) => ({
    digest,
    tags: tagsOf(repository, digest),
    pushedAt,
    ...(pulledAt === undefined ? {} : { pulledAt }),
  }));
  return markByLifecycle(parseLifecyclePolicy(text), seen, { now, held });
}

function resultOf(repository: RepositoryRecord, { digest, rule }: LifecycleMark) {
  const image = repository.imagesByDigest.get(digest);
  return {
    imageDigest: digest,
    imageTags: tagsOf(repository, digest),
    ...(image && { imagePushedAt: new Date(image.pushedAt) }),
    action:
      rule.action === 'EXPIRE'
        ? { type: rule.action }
        : { type: rule.action, targetStorageClass: 'ARCHIVE' as const },
    appliedRulePriority: rule.priority,
  };
}
