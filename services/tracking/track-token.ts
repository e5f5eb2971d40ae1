import { signPayload, tryReadPayload } from '../lib/signed-payload.ts';

const purpose = 'track:';

/** What a track token allows: to look at one order until a moment, in epoch milliseconds. */
export interface TrackGrant {
  readonly orderId: string;
  readonly until: number;
}

/** Signs a grant for a link that somebody without an account may open. */
export function signTrackGrant(grant: TrackGrant, key: string): string {
  return signPayload(grant, purpose, key);
}

/** Gives the grant, or `undefined` for a token that is malformed, expired or signed with none of `keys`. */
export function tryReadTrackGrant(
  token: string,
  keys: readonly string[],
  now: number,
): TrackGrant | undefined {
  const grant = tryReadPayload(token, purpose, keys) as TrackGrant | undefined;
  return grant && grant.until > now ? grant : undefined;
}
