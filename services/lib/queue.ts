import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  readonly receiptHandle: string;
  /** When SQS accepted it, epoch milliseconds; the same at every delivery. */
  readonly sentAt: number;
  /** Deliveries so far, this one included. */
  readonly receiveCount: number;
}

/** One queue, with the batch calls a consumer needs. Every call throws what the SDK throws after its own retries. */
export interface Queue {
  /** Waits up to `waitSeconds` for messages; the list may be empty. */
  receive(
    options: { count: number; waitSeconds: number; visibilitySeconds: number },
    signal: AbortSignal,
  ): Promise<QueueMessage[]>;
  /** Deletes up to ten; `true` for each that is gone. */
  delete(receiptHandles: readonly string[]): Promise<boolean[]>;
  /** Makes up to ten visible again in so many seconds from now; one that has expired meanwhile is left alone. */
  setVisibility(entries: readonly { receiptHandle: string; seconds: number }[]): Promise<boolean[]>;
}

export function createQueue(sqs: SQSClient, queueUrl: string): Queue {
  return {
    async receive({ count, waitSeconds, visibilitySeconds }, signal) {
      const command = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: count,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: visibilitySeconds,
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
      });
      const { Messages = [] } = await sqs.send(command, { abortSignal: signal });
      return Messages.map(parseMessage);
    },
    async delete(receiptHandles) {
      const Entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
      const output = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      return succeeded(Entries, output.Successful);
    },
    async setVisibility(entries) {
      const Entries = entries.map(({ receiptHandle, seconds }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }));
      const output = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
      return succeeded(Entries, output.Successful);
    },
  };
}

function parseMessage(message: Message): QueueMessage {
  const { SentTimestamp, ApproximateReceiveCount } = message.Attributes ?? {};
  if (!message.MessageId || !message.ReceiptHandle || SentTimestamp === undefined) {
    throw new Error('SQS gave a message without id, receipt handle or SentTimestamp.');
  }
  return {
    id: message.MessageId,
    body: message.Body ?? '',
    receiptHandle: message.ReceiptHandle,
    sentAt: Number(SentTimestamp),
    receiveCount: Number(ApproximateReceiveCount ?? 1),
  };
}

function succeeded(
  entries: readonly { Id: string }[],
  successful: readonly { Id?: string }[] = [],
): boolean[] {
  const ids = new Set(successful.map(({ Id }) => Id));
  return entries.map(({ Id }) => ids.has(Id));
}
