import type { EcrClient } from '../aws-clients.ts';
import { isAwsFailure } from '../errors.ts';
import type { RepositoryId } from './repository.ts';

/**
 * The digest (`sha256:…`) a tag points to, or `undefined` when the repository has no such tag. One read.
 * A missing repository is thrown as ECR's own `RepositoryNotFoundException`.
 */
export async function tryImageDigest(
  ecr: EcrClient,
  { registryId, name }: RepositoryId,
  tag: string,
): Promise<string | undefined> {
  const request = { registryId, repositoryName: name, imageIds: [{ imageTag: tag }] };
  try {
    const { client, DescribeImagesCommand } = await ecr();
    const { imageDetails } = await client.send(new DescribeImagesCommand(request));
    return imageDetails?.[0]?.imageDigest;
  } catch (error) {
    if (isAwsFailure(error, 'ImageNotFoundException')) return undefined;
    throw error;
  }
}
