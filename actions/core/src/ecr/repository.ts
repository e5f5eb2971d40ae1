import type { EcrClient } from '../aws-clients.ts';
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
export async function readRepositoryUri(ecr: EcrClient, { registryId, name }: RepositoryId): Promise<string> {
  const { client, DescribeRepositoriesCommand } = await ecr();
  try {
    const answer = await client.send(
      new DescribeRepositoriesCommand({ registryId, repositoryNames: [name] }),
    );
    const uri = answer.repositories?.[0]?.repositoryUri;
    if (uri !== undefined) return uri;
  } catch (error) {
    if (!isAwsFailure(error, 'RepositoryNotFoundException')) throw error;
  }
  const region = await client.config.region();
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
async function listRepositoryNames(ecr: EcrClient, registryId: string | undefined): Promise<string[]> {
  try {
    const { client, paginateDescribeRepositories } = await ecr();
    const pages = paginateDescribeRepositories({ client, pageSize: 1000 }, { registryId });
    const { value } = await pages.next();
    return (value?.repositories ?? []).flatMap((repository) => repository.repositoryName ?? []);
  } catch {
    return [];
  }
}
