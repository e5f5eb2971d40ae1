import { importPKCS8, SignJWT } from 'jose';
import type { Clock } from '../../lib/clock.ts';
import { post, readJson } from './http.ts';
import type { ProviderKeys } from './keys.ts';
import { KeyRefusedError, type Provider, ProviderAwayError } from './provider.ts';

const scope = 'https://www.googleapis.com/auth/firebase.messaging';
/** Access tokens live an hour; a new one is fetched this long before. */
const renewMs = 5 * 60_000;

type FcmKeys = NonNullable<ProviderKeys['fcm']>;

/**
 * Push through Firebase Cloud Messaging, HTTP v1. Our id is the collapse key of each platform: a second message of the
 * same notification takes the place of the first on the device.
 * Source: FCM, "Send messages using HTTP v1", "ErrorCode"; Google, "OAuth 2.0 for service accounts" (read 2026-11).
 */
export function createFcm(keys: FcmKeys, clock: Clock): Provider {
  const name = 'FCM';
  let access: { token: string; until: number } | undefined;

  async function accessToken(signal: AbortSignal): Promise<string> {
    if (access && clock.now() < access.until - renewMs) return access.token;
    access = await fetchToken(keys, clock.now(), signal);
    return access.token;
  }

  return {
    name,
    async send({ id, to, subject, text }, signal) {
      const token = await accessToken(signal);
      const message = {
        token: to,
        notification: { title: subject, body: text },
        android: { collapse_key: id, notification: { tag: id } },
        apns: { headers: { 'apns-collapse-id': id } },
        // A topic holds 32 characters.
        webpush: { headers: { Topic: id.replaceAll('-', '') } },
      };
      const call = {
        name,
        url: `${keys.url}/v1/projects/${encodeURIComponent(keys.projectId)}/messages:send`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ message }),
        takenBy: [200],
        isTaken: (answer: string) => typeof readJson(answer, 'name') === 'string',
        codeOf: errorCodeOf,
        goneCode: 'UNREGISTERED',
      };
      return post(call, signal, clock.now()).catch((error: unknown) => {
        if (error instanceof KeyRefusedError) access = undefined;
        throw error;
      });
    },
  };
}

function errorCodeOf(answer: string): string {
  return String(
    readJson(answer, 'error', 'details', 0, 'errorCode') ?? readJson(answer, 'error', 'status') ?? '',
  );
}

/** Exchanges a signed statement of who we are for an access token. */
async function fetchToken(
  keys: FcmKeys,
  now: number,
  signal: AbortSignal,
): Promise<{ token: string; until: number }> {
  const response = await fetch(keys.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await signAssertion(keys, now),
    }),
    signal,
  });
  if (response.status === 400 || response.status === 401) {
    throw new KeyRefusedError(`Google gives no token (${response.status}).`);
  }
  const text = await response.text();
  const [token, seconds] = [readJson(text, 'access_token'), readJson(text, 'expires_in')];
  if (response.status !== 200 || typeof token !== 'string' || typeof seconds !== 'number') {
    throw new ProviderAwayError(`Google gives no token (${response.status}).`);
  }
  return { token, until: now + seconds * 1_000 };
}

async function signAssertion({ clientEmail, privateKey, tokenUrl }: FcmKeys, now: number): Promise<string> {
  const key = await importPKCS8(privateKey, 'RS256').catch(() => {
    throw new KeyRefusedError('The private key of FCM is not PKCS #8.');
  });
  const seconds = Math.floor(now / 1_000);
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(clientEmail)
    .setAudience(tokenUrl)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 3_600)
    .sign(key);
}
