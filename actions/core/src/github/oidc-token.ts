import { getIDToken } from '@actions/core';
import { UserError } from '../errors.ts';

/**
 * Asks GitHub for the job's OIDC token for `audience`. The token is masked before it is returned.
 * Throws `CREDENTIALS_NO_ID_TOKEN`, naming the permission to add, when the job may not have one.
 */
export async function readIdToken(
  audience: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (!env.ACTIONS_ID_TOKEN_REQUEST_URL || !env.ACTIONS_ID_TOKEN_REQUEST_TOKEN) {
    throw new UserError(
      'CREDENTIALS_NO_ID_TOKEN',
      'This job may not ask GitHub for an OIDC token, so it cannot assume a role. Add `id-token: write` to the ' +
        "job's `permissions:` (and to the calling job, when this is a called workflow). Pull requests from forks never get one.",
    );
  }
  try {
    return await getIDToken(audience);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
    throw new UserError('CREDENTIALS_NO_ID_TOKEN', `GitHub gave no OIDC token: ${reason} Re-run the job.`, {
      cause: error,
    });
  }
}
