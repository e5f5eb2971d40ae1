import { createHash } from 'node:crypto';
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectWriter } from '../lib/object-writer.ts';
import type { QueueMessage } from '../lib/queue.ts';

/** Mails of one sender in one millisecond that get a name of their own. */
const mostCollisions = 100;

export type StoreOutcome = 'stored' | 'duplicate';

/**
 * Writes one mail to S3 and never over another one.
 *
 * The key is the same at every delivery of a message, so a redelivery finds its own object (`duplicate`). Another mail
 * of that sender in the same millisecond has the key already? Then this one gets the next millisecond's.
 * Throws what S3 throws; a second call is safe.
 */
export async function storeMail(
  deps: { s3: S3Client; bucket: string; objects: ObjectWriter },
  message: QueueMessage,
  sender: string,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const { id, body } = message;
  for (let offsetMs = 0; offsetMs < mostCollisions; offsetMs += 1) {
    const key = mailKey(message.sentAt + offsetMs, sender);
    const object = { key, body, contentType: 'application/json', metadata: { 'message-id': id } };
    if (await deps.objects.create(object, signal)) return 'stored';
    if ((await readMessageId(deps, key, signal)) === id) return 'duplicate';
  }
  throw new Error(`${mostCollisions} mails of one sender have the same time as message ${message.id}.`);
}

/** `emails/YYYY/MM/DD/email-{timestamp}-{sender_hash}.json`; the time is in epoch milliseconds, the date in UTC. */
export function mailKey(timestampMs: number, sender: string): string {
  const day = new Date(timestampMs).toISOString().slice(0, 10).replaceAll('-', '/');
  const senderHash = createHash('sha256').update(sender).digest('hex').slice(0, 16);
  return `emails/${day}/email-${timestampMs}-${senderHash}.json`;
}

async function readMessageId(
  { s3, bucket }: { s3: S3Client; bucket: string },
  key: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
  return head.Metadata?.['message-id'];
}
