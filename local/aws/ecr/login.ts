import type { RegistryId } from './records.ts';

const LIFE_MS = 12 * 3600 * 1000;

/** Who a login was given to: an account, and the access key that asked for it. */
export type LoginHolder = { accountId: string; accessKeyId: string };

/** What a login opens, and whose permissions count there; without a holder everything is allowed. */
export type OpenedRegistry = RegistryId & { holder?: LoginHolder };

/** The passwords that registries accept; each is good for one registry and 12 hours, as on ECR. */
export interface Logins {
  /** `token` is what GetAuthorizationToken gives: base64 of `AWS:password`. */
  issue(
    registry: RegistryId,
    holder?: LoginHolder,
  ): { username: 'AWS'; password: string; token: string; expiresAt: number };
  /** The registry that an `Authorization: Basic …` header opens, `undefined` when it opens none. */
  registryOf(authorization: string | undefined): OpenedRegistry | undefined;
}

export function createLogins(options: {
  now: () => number;
  randomBytes: (size: number) => Uint8Array;
}): Logins {
  const logins = new Map<string, OpenedRegistry & { expiresAt: number }>();
  return {
    issue({ accountId, region }, holder) {
      const password = Buffer.from(options.randomBytes(48)).toString('base64url');
      const expiresAt = options.now() + LIFE_MS;
      logins.set(password, { accountId, region, expiresAt, ...(holder && { holder }) });
      const token = Buffer.from(`AWS:${password}`).toString('base64');
      return { username: 'AWS', password, token, expiresAt };
    },
    registryOf(authorization) {
      const encoded = authorization?.match(/^Basic (.+)$/i)?.[1];
      if (!encoded) return undefined;
      const [username, password = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
      const login = logins.get(password);
      if (username !== 'AWS' || !login || login.expiresAt <= options.now()) return undefined;
      const { expiresAt: _expiresAt, ...opened } = login;
      return opened;
    },
  };
}
