import {
  DescribeRepositoriesCommand,
  type ECRClient,
  paginateDescribeRepositories,
} from '@aws-sdk/client-ecr';
import { isAwsFailure, UserError } from '../errors.ts';
import { nearMatches } from '../near-match.ts';

/** A repository by name in one account's registry; without `registryId`, in that of the caller. */
export interface RepositoryId {
  readonly registryId: string | undefined;
  readonly name: string;
}

/**
 * The repository's address for Docker, `host/name`. One read.
 * Throws `IMAGE_NO_REPOSITORY` with the near names (one more read) and the command that makes it.
 */
export async function readRepositoryUri(ecr: ECRClient, { registryId, name }: RepositoryId): Promise<string> {
  try {
    const answer = await ecr.send(new DescribeRepositoriesCommand({ registryId, repositoryNames: [name] }));
    const uri = answer.repositories?.[0]?.repositoryUri;
    if (uri !== undefined) return uri;
  } catch (error) {
    if (!isAwsFailure(error, 'RepositoryNotFoundException')) throw error;
  }
  const region = await ecr.config.region();
  const near = nearMatches(name, await listRepositoryNames(ecr, registryId));
  const hint = near.length > 0 ? ` Near names: ${near.join(', ')}.` : '';
  const where = `${registryId === undefined ? 'the registry' : `registry ${registryId}`} in ${region}`;
  throw new UserError(
    'IMAGE_NO_REPOSITORY',
    `There is no ECR repository "${name}" in ${where}.${hint} Make it once with: ` +
      `aws ecr create-repository --repository-name ${name} --image-tag-mutability IMMUTABLE --region ${region}`,
  );
}

/** The first thousand names; none where listing is not allowed, as they only help a message. */
async function listRepositoryNames(client: ECRClient, registryId: string | undefined): Promise<string[]> {
  try {
    const pages = paginateDescribeRepositories({ client, pageSize: 1000 }, { registryId });
    const { value } = await pages.next();
    return (value?.repositories ?? []).flatMap((repository) => repository.repositoryName ?? []);
  } catch {
    return [];
  }
}
