import { ecrClient } from '../../core/src/aws-clients.ts';
import { tryImageDigest } from '../../core/src/ecr/image.ts';
import { readRepositoryUri } from '../../core/src/ecr/repository.ts';
import { UserError } from '../../core/src/errors.ts';
import type { ActionDeps } from '../../core/src/github/action-run.ts';
import { type Environment, type Manifest, repositoryNameOf } from '../../core/src/manifest.ts';
import type { TaggedService } from './inputs.ts';

/** Where the images of an environment's services are, and who looks. */
export interface ImageRegistry {
  readonly manifest: Manifest;
  readonly environment: Environment;
  readonly role: string | undefined;
}

/** Each service's tag as `repository@sha256:…`, from the registry the images were pushed to; two calls a service. */
export async function readImages(
  tagged: readonly TaggedService[],
  { manifest, environment, role }: ImageRegistry,
  deps: Pick<ActionDeps, 'access'>,
): Promise<Record<string, string>> {
  const { account, region } = manifest.registry ?? environment;
  const ecr = ecrClient(deps.access({ role: role ?? environment.roles.deploy, region }));
  const imageOf = async ({ name, tag }: TaggedService): Promise<[string, string]> => {
    const repository = { registryId: account, name: repositoryNameOf(name, manifest.registry) };
    const uri = await readRepositoryUri(ecr, repository);
    const digest = await tryImageDigest(ecr, repository, tag);
    if (digest !== undefined) return [name, `${uri}@${digest}`];
    throw new UserError(
      'IMAGE_NOT_FOUND',
      `${repository.name} in ${region} has no image with the tag ${tag}: run build-and-push for "${name}" first, or see whether a lifecycle rule has removed it.`,
    );
  };
  return Object.fromEntries(await Promise.all(tagged.map(imageOf)));
}
