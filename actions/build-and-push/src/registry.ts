import type { EcrClient } from '../../core/src/aws-clients.ts';
import type { Clock } from '../../core/src/clock.ts';
import { tryImageDigest } from '../../core/src/ecr/image.ts';
import type { RepositoryId } from '../../core/src/ecr/repository.ts';
import { UserError } from '../../core/src/errors.ts';
import type { RegistryLogin } from './docker-config.ts';

/** A login for the registry at `host`. The password, and the token that holds it, are masked before they are returned. */
export async function readLogin(
  ecr: EcrClient,
  host: string,
  mask: (secret: string) => void,
): Promise<RegistryLogin> {
  const { client, GetAuthorizationTokenCommand } = await ecr();
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
  const token = authorizationData?.[0]?.authorizationToken ?? '';
  const [user = '', ...rest] = Buffer.from(token, 'base64').toString('utf8').split(':');
  const password = rest.join(':');
  if (password === '') throw new UserError('IMAGE_NO_LOGIN', `ECR gave no login for ${host}; try again.`);
  mask(token);
  mask(password);
  return { host, user, password };
}

/** The digest ECR has for the tag just pushed; asks again for up to 10 s, as reads may trail a push. */
export async function readPushedDigest(
  ecr: EcrClient,
  id: RepositoryId,
  tag: string,
  clock: Clock,
): Promise<string> {
  const deadlineAt = clock.now() + 10_000;
  for (;;) {
    const digest = await tryImageDigest(ecr, id, tag);
    if (digest !== undefined) return digest;
    if (clock.now() >= deadlineAt) {
      throw new UserError(
        'IMAGE_NOT_FOUND',
        `The push of ${id.name}:${tag} succeeded, but ECR does not show the tag; re-run the job.`,
      );
    }
    await clock.sleep(1000);
  }
}
