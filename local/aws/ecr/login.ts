import type { RegistryId } from './records.ts';

const LIFE_MS = 12 * 3600 * 1000;

/** The passwords that registries accept; each is good for one registry and 12 hours, as on ECR. */
export interface Logins {
  /** `token` is what GetAuthorizationToken gives: base64 of `AWS:password`. */
  issue(registry: RegistryId): { username: 'AWS'; password: string; token: string; expiresAt: number };
  /** The registry that an `Authorization: Basic …` header opens, `undefined` when it opens none. */
  registryOf(authorization: string | undefined): RegistryId | undefined;
}

export function createLogins(options: {
  now: () => number;
  randomBytes: (size: number) => Uint8Array;
}): Logins {
  const logins = new Map<string, RegistryId & { expiresAt: number }>();
  return {
    issue({ accountId, region }) {
      const password = Buffer.from(options.randomBytes(48)).toString('base64url');
      const expiresAt = options.now() + LIFE_MS;
      logins.set(password, { accountId, region, expiresAt });
      const token = Buffer.from(`AWS:${password}`).toString('base64');
      return { username: 'AWS', password, token, expiresAt };
    },
    registryOf(authorization) {
      const encoded = authorization?.match(/^Basic (.+)$/i)?.[1];
      if (!encoded) return undefined;
      const [username, password = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
      const login = logins.get(password);
      if (username !== 'AWS' || !login || login.expiresAt <= options.now()) return undefined;
      return { accountId: login.accountId, region: login.region };
    },
  };
}
