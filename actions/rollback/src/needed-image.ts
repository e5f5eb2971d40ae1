import type { EcrClient } from '../../core/src/aws-clients.ts';
import type { NeededThing } from '../../core/src/decide/preflight.ts';
import { isAwsFailure } from '../../core/src/errors.ts';
import { look } from './look.ts';

const ECR_IMAGE =
  /^(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)(?::([^@]+))?(?:@(sha256:\w+))?$/;

/** An image as a container names it, and the digest that ran by it, where ECS has resolved it. */
export interface ImageUse {
  container: string;
  image: string;
  deployed?: string;
}

interface EcrImage {
  client: EcrClient;
  registryId: string;
  repositoryName: string;
}

/**
 * Looks for the image that ran: by its digest where that is known, else by its tag. Tells whether it is archived,
 * and whether the tag has moved on or is gone. One call, two for a tag.
 */
export function readImage(
  { container, image, deployed }: ImageUse,
  ecr: (region: string) => EcrClient,
): Promise<NeededThing> {
  const [, registryId, region, repositoryName, tag, written] = ECR_IMAGE.exec(image) ?? [];
  const digest = written ?? deployed;
  return look('image', image, async () => {
    if (!registryId || !region || !repositoryName) return { state: 'unknown', why: 'it is not in ECR' };
    const place = { client: ecr(region), registryId, repositoryName };
    const found = await describe(place, digest ? { imageDigest: digest } : { imageTag: tag ?? 'latest' });
    if (!found) return { state: 'missing' };
    if (found.imageStatus && found.imageStatus !== 'ACTIVE')
      return archived(place, digest, found.imageStatus);
    if (written || !deployed) return { state: 'there' };
    const now = (await describe(place, { imageTag: tag ?? 'latest' }))?.imageDigest;
    return {
      state: 'there',
      ...(now === deployed ? {} : { moved: { container, deployed, ...(now ? { now } : {}) } }),
    };
  });
}

function archived({ registryId, repositoryName }: EcrImage, digest = '', status: string) {
  if (status === 'ACTIVATING')
    return { state: 'archived', why: 'it is being restored; try again when its status is ACTIVE' } as const;
  const command = `aws ecr update-image-storage-class --registry-id ${registryId} --repository-name ${repositoryName} --image-id imageDigest=${digest} --target-storage-class STANDARD`;
  return {
    state: 'archived',
    why: `restore it, and try again when its status is ACTIVE: ${command}`,
  } as const;
}

async function describe(
  { client, registryId, repositoryName }: EcrImage,
  imageId: { imageDigest?: string; imageTag?: string },
) {
  const { client: ecr, DescribeImagesCommand } = await client();
  // Archived images are hidden unless asked for.
  const filter = { imageStatus: 'ANY' } as const;
  const request = { registryId, repositoryName, imageIds: [imageId], filter };
  const answer = await ecr.send(new DescribeImagesCommand(request)).catch((error: unknown) => {
    const isGone = ['ImageNotFoundException', 'RepositoryNotFoundException'].some((name) =>
      isAwsFailure(error, name),
    );
    if (isGone) return undefined;
    throw error;
  });
  return answer?.imageDetails?.[0];
}
