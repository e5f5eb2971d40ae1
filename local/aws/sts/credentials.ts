import { AwsFault } from '../fault.ts';
import type { RoleSession, SessionRequest } from './role-session.ts';

export type SessionCredentials = {
  AccessKeyId: string;
  SecretAccessKey: string;
  SessionToken: string;
  Expiration: Date;
};

/** Who a request is from: a role session, or an account by its 12 digits, or neither (the default account). */
export type Caller = { accountId: string; session?: RoleSession };

export interface CredentialStore {
  /** Makes credentials that are bound to a role until they expire. */
  issue(request: SessionRequest): SessionCredentials;
  /** The session behind an access key, expired ones included; `undefined` for a key not issued here. */
  lookup(accessKeyId: string): RoleSession | undefined;
  /**
   * Who signs with an access key. 12 digits are the account; a key that was issued here is its role's; any
   * other is the default account's, but a temporary one (`ASIA…`) that is unknown or has expired is refused
   * with `InvalidClientTokenId` or `ExpiredToken`, in the spelling of the protocol.
   */
  callerOf(accessKeyId: string, protocol: 'json' | 'query'): Caller;
}

export type CredentialStoreOptions = {
  /** Epoch milliseconds. */
  now: () => number;
  /** That many unpredictable bytes. */
  randomBytes: (size: number) => Uint8Array;
  defaultAccountId: string;
};

/** Keeps the credentials that STS and tasks are given, in memory. */
export function createCredentialStore(options: CredentialStoreOptions): CredentialStore {
  const sessions = new Map<string, RoleSession>();
  return {
    issue(request) {
      const accessKeyId = `ASIA${base32(options.randomBytes(16))}`;
      const expiresAt = options.now() + request.durationSeconds * 1000;
      sessions.set(accessKeyId, { ...request, accessKeyId, expiresAt });
      return {
        AccessKeyId: accessKeyId,
        SecretAccessKey: Buffer.from(options.randomBytes(30)).toString('base64'),
        SessionToken: Buffer.from(options.randomBytes(120)).toString('base64'),
        Expiration: new Date(expiresAt),
      };
    },
    lookup: (accessKeyId) => sessions.get(accessKeyId),
    callerOf(accessKeyId, protocol) {
      if (/^\d{12}$/.test(accessKeyId)) return { accountId: accessKeyId };
      const session = sessions.get(accessKeyId);
      if (!session) {
        if (accessKeyId.startsWith('ASIA')) throw unknownKey(protocol);
        return { accountId: options.defaultAccountId };
      }
      if (session.expiresAt <= options.now()) throw expired(protocol);
      return { accountId: session.accountId, session };
    },
  };
}

/** Letters and digits as in AWS's access key ids, one for each byte. */
function base32(bytes: Uint8Array): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return [...bytes].map((byte) => alphabet.charAt(byte % alphabet.length)).join('');
}

function unknownKey(protocol: 'json' | 'query'): AwsFault {
  const message = 'The security token included in the request is invalid.';
  return protocol === 'json'
    ? new AwsFault('UnrecognizedClientException', message)
    : new AwsFault('InvalidClientTokenId', message, 403);
}

function expired(protocol: 'json' | 'query'): AwsFault {
  const message = 'The security token included in the request is expired';
  return protocol === 'json'
    ? new AwsFault('ExpiredTokenException', message)
    : new AwsFault('ExpiredToken', message, 403);
}
