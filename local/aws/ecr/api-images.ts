import type * as ecr from '@aws-sdk/client-ecr';
import { AwsFault } from '../fault.ts';
import type { RequestContext } from '../wire/service.ts';
import { registryOf } from './api-repositories.ts';
import { isDigest } from './manifest.ts';
import { pageOf } from './page.ts';
import { pushImage } from './push-image.ts';
import { type ImageRecord, type RepositoryRecord, statusOf, tagsOf } from './records.ts';
import type { Replication } from './replication.ts';
import type { Repositories } from './repositories.ts';
import { scanStatusOf, scanSummaryOf } from './scan.ts';

type Lookup = { image: ImageRecord } | { failure: ecr.ImageFailure };

/** Handlers for images: put, describe, list, get and delete. */
export function imageHandlers(repositories: Repositories, replication: Replication) {
  const find = (context: RequestContext, input: { repositoryName?: string; registryId?: string }) =>
    repositories.find(registryOf(context, input.registryId), input.repositoryName ?? '');

  return {
    PutImage(input: ecr.PutImageRequest, context: RequestContext) {
      const repository = find(context, input);
      const {
        imageManifest: manifest = '',
        imageManifestMediaType: mediaType,
        imageTag: tag,
        imageDigest: digest,
      } = input;
      const { image, existed } = pushImage(repository, {
        manifest,
        mediaType,
        tag,
        digest,
        now: context.now,
      });
      if (existed) throw imageExists(repository, image.digest, tag);
      replication.copy(repository, image, { now: context.now, ...(tag !== undefined && { tag }) });
      return { image: apiImage(repository, image, tag) };
    },
    DescribeImages(input: ecr.DescribeImagesRequest, context: RequestContext) {
      const repository = find(context, input);
      if (!input.imageIds?.length) {
        const { items, nextToken } = pageOf(imagesWith(repository, input.filter, context.now), input);
        return { imageDetails: items.map((image) => imageDetail(repository, image, context.now)), nextToken };
      }
      const found = input.imageIds.map((id) => {
        const lookup = lookUp(repository, id);
        if ('failure' in lookup) throw imageNotFound(repository, id);
        return lookup.image;
      });
      return {
        imageDetails: [...new Set(found)].map((image) => imageDetail(repository, image, context.now)),
      };
    },
    ListImages(input: ecr.ListImagesRequest, context: RequestContext) {
      const repository = find(context, input);
      const ids = imagesWith(repository, input.filter, context.now).flatMap((image) =>
        imageIds(repository, image),
      );
      const { items, nextToken } = pageOf(ids, input);
      return { imageIds: items, nextToken };
    },
    BatchGetImage(input: ecr.BatchGetImageRequest, context: RequestContext) {
      const repository = find(context, input);
      const images: ecr.Image[] = [];
      const failures: ecr.ImageFailure[] = [];
      for (const id of input.imageIds ?? []) {
        const lookup = lookUpPullable(repository, id, context.now);
        if ('failure' in lookup) failures.push(lookup.failure);
        else images.push(apiImage(repository, lookup.image, id.imageTag));
      }
      return { images, failures };
    },
    BatchDeleteImage(input: ecr.BatchDeleteImageRequest, context: RequestContext) {
      const repository = find(context, input);
      const answers = (input.imageIds ?? []).map((id) => deleteImage(repository, id));
      return {
        imageIds: answers.flatMap((answer) => ('deleted' in answer ? answer.deleted : [])),
        failures: answers.flatMap((answer) => ('failure' in answer ? [answer.failure] : [])),
      };
    },
  };
}

/** Without a filter on the status, those that can be pulled. */
function imagesWith(
  repository: RepositoryRecord,
  { tagStatus = 'ANY', imageStatus = 'ACTIVE' }: ecr.DescribeImagesFilter = {},
  now: number,
): ImageRecord[] {
  const tagged = new Set(repository.digestsByTag.values());
  return [...repository.imagesByDigest.values()].filter(
    (image) =>
      (imageStatus === 'ANY' || statusOf(image, now) === imageStatus) &&
      (tagStatus === 'ANY' || tagged.has(image.digest) === (tagStatus === 'TAGGED')),
  );
}

/** Finds an image by digest, by tag, or by both, which must fit each other. */
export function lookUp(repository: RepositoryRecord, id: ecr.ImageIdentifier): Lookup {
  const fail = (failureCode: ecr.ImageFailureCode, failureReason: string): Lookup => ({
    failure: { imageId: id, failureCode, failureReason },
  });
  const { imageDigest, imageTag } = id;
  if (imageDigest === undefined && imageTag === undefined) {
    return fail('MissingDigestAndTag', 'Invalid request parameters: both tag and digest cannot be null');
  }
  if (imageDigest !== undefined && !isDigest(imageDigest)) {
    return fail('InvalidImageDigest', 'Invalid request parameters: image digest should satisfy the regex');
  }
  const tagged = imageTag === undefined ? undefined : repository.digestsByTag.get(imageTag);
  const image = repository.imagesByDigest.get(imageDigest ?? tagged ?? '');
  if (!image) return fail('ImageNotFound', 'Requested image not found');
  if (imageTag !== undefined && tagged !== image.digest) {
    return fail('ImageTagDoesNotMatchDigest', 'The tag does not match the digest');
  }
  return { image };
}

/** Finds an image that can be pulled: an archived one is there and cannot. */
export function lookUpPullable(repository: RepositoryRecord, id: ecr.ImageIdentifier, now: number): Lookup {
  const lookup = lookUp(repository, id);
  if ('failure' in lookup) return lookup;
  const status = statusOf(lookup.image, now);
  if (status === 'ACTIVE') return lookup;
  const failureReason = `The image is ${status}; only an ACTIVE image can be pulled`;
  return { failure: { imageId: id, failureCode: 'ImageInaccessible', failureReason } };
}

type Deletion = { deleted: ecr.ImageIdentifier[] } | { failure: ecr.ImageFailure };

/** By tag, the tag goes and with the last one the image; by digest, the image goes with all its tags. */
function deleteImage(repository: RepositoryRecord, id: ecr.ImageIdentifier): Deletion {
  const lookup = lookUp(repository, id);
  if ('failure' in lookup) return lookup;
  const { digest } = lookup.image;
  const tags = tagsOf(repository, digest);
  const goingTags = id.imageTag === undefined ? tags : [id.imageTag];
  const imageGoes = goingTags.length === tags.length;
  const holder = [...repository.imagesByDigest.values()].find((image) => image.members.includes(digest));
  if (imageGoes && holder) {
    const failureReason = `Requested image referenced by manifest list: [${holder.digest}]`;
    return { failure: { imageId: id, failureCode: 'ImageReferencedByManifestList', failureReason } };
  }
  const deleted =
    goingTags.length > 0
      ? goingTags.map((imageTag) => ({ imageDigest: digest, imageTag }))
      : [{ imageDigest: digest }];
  for (const tag of goingTags) repository.digestsByTag.delete(tag);
  if (imageGoes) repository.imagesByDigest.delete(digest);
  return { deleted };
}

function imageIds(repository: RepositoryRecord, { digest }: ImageRecord): ecr.ImageIdentifier[] {
  const tags = tagsOf(repository, digest);
  return tags.length > 0
    ? tags.map((imageTag) => ({ imageDigest: digest, imageTag }))
    : [{ imageDigest: digest }];
}

function apiImage(repository: RepositoryRecord, image: ImageRecord, imageTag: string | undefined): ecr.Image {
  return {
    registryId: repository.registryId,
    repositoryName: repository.name,
    imageId: { imageDigest: image.digest, ...(imageTag === undefined ? {} : { imageTag }) },
    imageManifest: image.manifest,
    imageManifestMediaType: image.mediaType,
  };
}

function imageDetail(repository: RepositoryRecord, image: ImageRecord, now: number): ecr.ImageDetail {
  const imageTags = tagsOf(repository, image.digest);
  const { scan, archivedAt, activeAt } = image;
  const summary = scan && scanSummaryOf(scan);
  return {
    registryId: repository.registryId,
    repositoryName: repository.name,
    imageDigest: image.digest,
    ...(imageTags.length > 0 ? { imageTags } : {}),
    imageSizeInBytes: image.sizeBytes,
    imagePushedAt: new Date(image.pushedAt),
    imageManifestMediaType: image.mediaType,
    artifactMediaType: image.artifactMediaType,
    imageStatus: statusOf(image, now),
    ...(archivedAt === undefined ? {} : { lastArchivedAt: new Date(archivedAt) }),
    ...(activeAt === undefined || activeAt > now ? {} : { lastActivatedAt: new Date(activeAt) }),
    ...(scan && { imageScanStatus: scanStatusOf(scan) }),
    ...(summary && { imageScanFindingsSummary: summary }),
    ...(image.subject === undefined ? {} : { subjectManifestDigest: image.subject }),
    ...(image.pulledAt === undefined ? {} : { lastRecordedPullTime: new Date(image.pulledAt) }),
  };
}

function imageExists(repository: RepositoryRecord, digest: string, tag: string | undefined): AwsFault {
  const what = tag === undefined ? `digest '${digest}'` : `digest '${digest}' and tag '${tag}'`;
  const message = `Image with ${what} already exists in the repository with name '${repository.name}' in registry with id '${repository.registryId}'`;
  return new AwsFault('ImageAlreadyExistsException', message);
}

/** `ImageNotFoundException`, the error of operations on one image. */
export function imageNotFound(repository: RepositoryRecord, id: ecr.ImageIdentifier): AwsFault {
  const what = `{imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'}`;
  const message = `The image with imageId ${what} does not exist within the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`;
  return new AwsFault('ImageNotFoundException', message);
}
