import type * as ecr from '@aws-sdk/client-ecr';
import type { RequestContext } from '../wire/service.ts';
import { imageNotFound, lookUp } from './api-images.ts';
import { registryOf } from './api-repositories.ts';
import { pageOf } from './page.ts';
import { type ImageRecord, referrersOf, statusOf } from './records.ts';
import type { Repositories } from './repositories.ts';

const REFERRERS_A_PAGE = 20;

/** Handlers for what an image is beside its content: its storage class, and what was pushed about it. */
export function artifactHandlers(repositories: Repositories, activationMs: number) {
  const find = (context: RequestContext, input: { repositoryName?: string; registryId?: string }) =>
    repositories.find(registryOf(context, input.registryId), input.repositoryName ?? '');

  return {
    UpdateImageStorageClass(input: ecr.UpdateImageStorageClassRequest, context: RequestContext) {
      const repository = find(context, input);
      const { imageId = {}, targetStorageClass } = input;
      const lookup = lookUp(repository, imageId);
      if ('failure' in lookup) throw imageNotFound(repository, imageId);
      const { image } = lookup;
      if (targetStorageClass === 'ARCHIVE') archive(image, context.now);
      else if (statusOf(image, context.now) === 'ARCHIVED') image.activeAt = context.now + activationMs;
      return {
        registryId: repository.registryId,
        repositoryName: repository.name,
        imageId: { ...imageId, imageDigest: image.digest },
        imageStatus: statusOf(image, context.now),
      };
    },
    ListImageReferrers(input: ecr.ListImageReferrersRequest, context: RequestContext) {
      const repository = find(context, input);
      const { artifactTypes, artifactStatus = 'ACTIVE' } = input.filter ?? {};
      const referrers = referrersOf(repository, input.subjectId?.imageDigest ?? '')
        .filter(
          ({ artifactMediaType = '' }) => !artifactTypes?.length || artifactTypes.includes(artifactMediaType),
        )
        .map((image) => referrerOf(image, context.now))
        .filter((referrer) => artifactStatus === 'ANY' || referrer.artifactStatus === artifactStatus);
      const { items, nextToken } = pageOf(referrers, { maxResults: REFERRERS_A_PAGE, ...input });
      return { referrers: items, nextToken };
    },
  };
}

function archive(image: ImageRecord, now: number): void {
  if (statusOf(image, now) === 'ARCHIVED') return;
  image.archivedAt = now;
  image.activeAt = undefined;
}

function referrerOf(image: ImageRecord, now: number): ecr.ImageReferrer {
  return {
    digest: image.digest,
    mediaType: image.mediaType,
    artifactType: image.artifactMediaType,
    size: Buffer.byteLength(image.manifest),
    ...(image.annotations && { annotations: { ...image.annotations } }),
    artifactStatus: statusOf(image, now),
  };
}
