import type { EcrClient } from '../../core/src/aws-clients.ts';
import type { NeededThing } from '../../core/src/decide/preflight.ts';
import { tryEcrHost } from '../../core/src/ecr/registry-host.ts';
import { isAwsFailure } from '../../core/src/errors.ts';
import { look } from './look.ts';

/** An ECR in a rehearsal on this machine. */
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost):\d+$/;
const IMAGE = /^([^/]+)\/([^:@]+)(?::([^@]+))?(?:@(sha256:\w+))?$/;

/** An image as a container names it, and the digest that ran by it, where ECS has resolved it. */
export interface ImageUse {
  container: string;
  image: string;
  deployed?: string;
}

interface EcrRepository {
  client: EcrClient;
  registryId: string;
  repositoryName: string;
}

type EcrOf = (region: string) => EcrClient;

/**
 * Looks for the image that ran: by its digest where that is known, else by its tag. Tells whether it is archived,
 * and whether the tag has moved on or is gone. One call, two for a tag. Where the registry is on this machine, ECR of
 * `region` is asked first whether it is its own.
 */
export function readImage(
  { container, image, deployed }: ImageUse,
  ecr: EcrOf,
  region: string | undefined,
): Promise<NeededThing> {
  const [, host = '', name = '', tag, written] = IMAGE.exec(image) ?? [];
  const digest = written ?? deployed;
  return look('image', image, async () => {
    const place = await tryRepository(host, name, ecr, region);
    if (!place) return { state: 'unknown', why: 'it is not in ECR' };
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

/** The repository of ECR behind an address; `undefined` for that of another registry. */
async function tryRepository(
  host: string,
  repositoryName: string,
  ecr: EcrOf,
  home: string | undefined,
): Promise<EcrRepository | undefined> {
  const registry = tryEcrHost(host);
  if (registry) return { client: ecr(registry.region), registryId: registry.registryId, repositoryName };
  if (!LOOPBACK_HOST.test(host) || !home) return undefined;
  const client = ecr(home);
  const { client: sdk, DescribeRepositoriesCommand } = await client();
  const request = new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] });
  const answer = await sdk.send(request).catch((error: unknown) => {
    if (isAwsFailure(error, 'RepositoryNotFoundException')) return undefined;
    throw error;
  });
  const own = answer?.repositories?.find(
    ({ repositoryUri }) => repositoryUri === `${host}/${repositoryName}`,
  );
  return own?.registryId ? { client, registryId: own.registryId, repositoryName } : undefined;
}

function archived({ registryId, repositoryName }: EcrRepository, digest = '', status: string) {
  if (status === 'ACTIVATING')
    return { state: 'archived', why: 'it is being restored; try again when its status is ACTIVE' } as const;
  const command = `aws ecr update-image-storage-class --registry-id ${registryId} --repository-name ${repositoryName} --image-id imageDigest=${digest} --target-storage-class STANDARD`;
  return {
    state: 'archived',
    why: `restore it, and try again when its status is ACTIVE: ${command}`,
  } as const;
}

async function describe(
  { client, registryId, repositoryName }: EcrRepository,
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
