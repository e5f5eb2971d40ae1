import type { Clock } from '../../lib/clock.ts';
import { post, readJson } from './http.ts';
import type { ProviderKeys } from './keys.ts';
import type { Provider } from './provider.ts';

/**
 * E-mail through SendGrid. It has no idempotency key: our id travels as a custom argument, by which its event log and a
 * person can tell a second mail of the same notification.
 * Source: SendGrid API v3, "Mail Send" (read 2026-11).
 */
export function createSendgrid(keys: NonNullable<ProviderKeys['sendgrid']>, clock: Clock): Provider {
  const name = 'SendGrid';
  return {
    name,
    send({ id, to, subject, text, html }, signal) {
      const body = {
        personalizations: [{ to: [{ email: to }], custom_args: { notification: id } }],
        from: { email: keys.from },
        subject,
        content: [
          { type: 'text/plain', value: text },
          { type: 'text/html', value: html },
        ],
      };
      const call = {
        name,
        url: `${keys.url}/v3/mail/send`,
        headers: { authorization: `Bearer ${keys.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        takenBy: [202],
        codeOf: (answer: string) => String(readJson(answer, 'errors', 0, 'field') ?? ''),
      };
      return post(call, signal, clock.now());
    },
  };
}
