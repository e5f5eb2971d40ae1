import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Logger } from 'pino';
import { type BatchLimits, createBatcher, ItemTooLargeError, QueueFullError } from '../lib/batcher.ts';
import type { Clock } from '../lib/clock.ts';
import { createMessageSender, type SendOutcome } from '../lib/message-sender.ts';
import { Problem } from '../lib/problem.ts';
import { sqsLimits } from '../lib/sqs.ts';
import type { Mail } from './schemas.ts';

/** A mail waits about as long as a call takes: the answers to one bring what fills the next, and each call is paid for. */
const limits: BatchLimits = { ...sqsLimits, inFlight: 8, lingerMs: 10, queued: 2_000 };
const retryAfterSeconds = 5;

export interface MailQueue {
  /**
   * Resolves with the SQS message id once SQS has accepted the mail.
   *
   * Rejects with the problem to answer: `QUEUE_UNAVAILABLE` (SQS refuses, throttles or does not answer, or 2,000
   * mails are waiting), `BODY_TOO_LARGE` or `MESSAGE_REFUSED`.
   */
  send(mail: Mail): Promise<string>;
  flush(): Promise<void>;
}

export function createMailQueue(deps: {
  sqs: SQSClient;
  queueUrl: string;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** Told the number of mails of each call. */
  onBatch: (size: number) => void;
}): MailQueue {
  const { sqs, queueUrl, clock, random, log, onBatch } = deps;
  const sendMessages = createMessageSender({ sqs, queueUrl, clock, random });
  const batcher = createBatcher<string, SendOutcome>({
    limits,
    clock,
    sizeOf: Buffer.byteLength,
    send: (bodies) => {
      onBatch(bodies.length);
      return sendMessages(bodies);
    },
  });

  async function send(mail: Mail): Promise<string> {
    const outcome = await batcher.add(renderMessage(mail)).catch((error: unknown) => {
      throw toQueueProblem(error);
    });
    if (outcome.kind === 'accepted') return outcome.messageId;
    log.warn({ outcome }, 'mail not accepted by SQS');
    if (outcome.kind === 'refused') throw new Problem('MESSAGE_REFUSED', `SQS refused it: ${outcome.reason}`);
    throw new Problem('QUEUE_UNAVAILABLE', 'The queue does not accept mails now.', { retryAfterSeconds });
  }

  return { send, flush: batcher.flush };
}

/** The message body: the mail as JSON. U+FFFE and U+FFFF, which SQS does not take, are escaped. */
export function renderMessage(mail: Mail): string {
  return JSON.stringify(mail).replace(
    /[\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );
}

function toQueueProblem(error: unknown): Problem {
  if (error instanceof ItemTooLargeError) {
    return new Problem('BODY_TOO_LARGE', `A mail may have ${limits.bytes} bytes.`, { cause: error });
  }
  if (error instanceof QueueFullError) {
    return new Problem('QUEUE_UNAVAILABLE', 'Too many mails are waiting.', {
      retryAfterSeconds: 1,
      cause: error,
    });
  }
  const detail = 'The queue does not accept mails now.';
  return new Problem('QUEUE_UNAVAILABLE', detail, { retryAfterSeconds, cause: error });
}
