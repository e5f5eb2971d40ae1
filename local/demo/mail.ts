import type { Rehearsal } from './rehearsal.ts';

/** Who writes the mail of the story. */
export const SENDER = 'Ada Lovelace';

/** First 16 hex digits of SHA-256 of the sender: that part of the object's key. */
export const SENDER_HASH = '7674021617159190';

/** A mail through the load balancer, with the token that Terraform made. */
export function mailRequest(
  { ground }: Pick<Rehearsal, 'ground'>,
  sender: string,
): { url: string; init: RequestInit } {
  const data = {
    email_subject: 'Berth',
    email_sender: sender,
    email_timestream: String(Math.floor(Date.now() / 1000)),
    email_content: 'Carried by the demo.',
  };
  return {
    url: `${ground.url}/api/email`,
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: ground.apiToken, data }),
    },
  };
}

/** Whether an answer says that the mail is queued. */
export const isAccepted = (status: number, body: string): boolean =>
  status === 202 && body.includes('messageId');
