import type { Clock } from '../../lib/clock.ts';
import { post, readJson } from './http.ts';
import type { ProviderKeys } from './keys.ts';
import type { Provider } from './provider.ts';

/**
 * SMS through Twilio. Creating a message takes no idempotency key.
 * Source: Twilio Messaging API, "Create a Message"; error 21211 and its like for bad numbers (read 2026-11).
 */
export function createTwilio(keys: NonNullable<ProviderKeys['twilio']>, clock: Clock): Provider {
  const name = 'Twilio';
  const { accountSid, authToken, from, url } = keys;
  return {
    name,
    send({ to, text }, signal) {
      const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64');
      const call = {
        name,
        url: `${url}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`,
        headers: {
          authorization: `Basic ${credentials}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ To: to, From: from, Body: text }).toString(),
        takenBy: [201],
        codeOf: (answer: string) => String(readJson(answer, 'code') ?? ''),
      };
      return post(call, signal, clock.now());
    },
  };
}
