import type { Clock } from '../../lib/clock.ts';
import { post } from './http.ts';
import type { ProviderKeys } from './keys.ts';
import type { Provider } from './provider.ts';

/**
 * Slack, by the incoming webhook of an organisation. An organisation without one is told nothing there.
 * Source: Slack, "Sending messages using incoming webhooks", "Formatting text: escaping" (read 2026-11).
 */
export function createSlack(keys: ProviderKeys['slack'], clock: Clock): Provider {
  const name = 'Slack';
  return {
    name,
    async send({ to: org, subject, text }, signal) {
      const url = Object.hasOwn(keys?.webhooks ?? {}, org) ? keys?.webhooks[org] : undefined;
      if (url === undefined) {
        return { kind: 'refused', reason: 'The organisation has no webhook of Slack.' };
      }
      const call = {
        name,
        url,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: `*${escapeSlack(subject)}*\n${escapeSlack(text)}` }),
        takenBy: [200],
        isTaken: (answer: string) => answer.trim() === 'ok',
        codeOf: (answer: string) => answer.trim(),
      };
      return post(call, signal, clock.now());
    },
  };
}

/** The three characters that Slack's markup begins with: without them no text can name a channel or hide a link. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
