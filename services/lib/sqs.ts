import {
  type BatchResultErrorEntry,
  SendMessageBatchCommand,
  type SendMessageBatchCommandOutput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { type AwsAccess, type AwsTiming, awsClientOptions, awsConnections } from './aws.ts';

/** What one call of SQS may hold. The documented limit; raise it here when AWS does. */
export const sqsLimits = { entries: 10, bytes: 256 * 1024 } as const;

/**
 * Makes the SQS client of a service.
 *
 * The endpoint comes from the region or from AWS_ENDPOINT_URL, never from the queue URL: the SDK's default of sending
 * to the host inside the queue URL would go past a VPC endpoint, a proxy or a local AWS that the environment names.
 * So the queue has to be in the service's own region. Checksums of single messages are left out: the signature covers
 * what is sent, TLS what comes.
 */
export function sqsClient(region: string, timing: AwsTiming, access: AwsAccess): SQSClient {
  const { requestTimeoutMs } = timing;
  // Two thirds of the processor time of a call by node:https; the clients of rarer calls need not load it.
  const requestHandler = new UndiciHttpHandler({
    dispatcher: {
      connections: awsConnections.most,
      connect: { timeout: awsConnections.withinMs },
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
    },
  });
  const options = awsClientOptions(region, timing, { requestHandler, ...access });
  const sqs = new SQSClient({ ...options, useQueueUrlAsEndpoint: false, md5: false });
  keepSigner(sqs);
  return sqs;
}

/**
 * Has a client sign all its calls with one signer. It would make one for each, of a copy of all its settings; what may
 * differ, the credentials and the time, a signer asks for each time it signs.
 */
function keepSigner({ config }: SQSClient): void {
  const makeSigner = config.signer;
  let signer: ReturnType<typeof makeSigner> | undefined;
  config.signer = (scheme) => {
    signer ??= makeSigner(scheme);
    return signer;
  };
}

/** What became of one message of a batch. */
export type SendOutcome =
  | { kind: 'accepted'; messageId: string }
  /** The message itself is at fault: sending it again cannot help. */
  | { kind: 'refused'; code: string; reason: string }
  | { kind: 'unavailable'; code: string };

/**
 * Sends up to ten messages in one call and gives each one's own outcome, in their order.
 *
 * Entries that SQS turned down through no fault of theirs are sent once more after `pause`. Throws when a whole call
 * fails; the SDK has then tried as often as the client allows. A message may be in the queue although its call failed
 * (its answer was lost), never the other way round.
 */
export async function sendMessages(
  sqs: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
  pause: () => Promise<void>,
): Promise<SendOutcome[]> {
  const outcomes = await sendOnce(sqs, queueUrl, bodies);
  const again = outcomes.flatMap(({ kind }, index) => (kind === 'unavailable' ? [index] : []));
  if (again.length === 0) return outcomes;
  await pause();
  const second = await sendOnce(
    sqs,
    queueUrl,
    again.map((index) => bodies[index] ?? ''),
  ).catch(() => undefined);
  again.forEach((index, position) => {
    outcomes[index] = second?.[position] ?? { kind: 'unavailable', code: 'CallFailed' };
  });
  return outcomes;
}

async function sendOnce(sqs: SQSClient, queueUrl: string, bodies: readonly string[]): Promise<SendOutcome[]> {
  const output = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
    }),
  );
  return bodies.map((_body, index) => readOutcome(output, String(index)));
}

function readOutcome(output: SendMessageBatchCommandOutput, id: string): SendOutcome {
  const accepted = output.Successful?.find((entry) => entry.Id === id);
  if (accepted?.MessageId !== undefined) return { kind: 'accepted', messageId: accepted.MessageId };
  const failed: BatchResultErrorEntry | undefined = output.Failed?.find((entry) => entry.Id === id);
  // In neither list: SQS has not said that it has the message, so nobody may be told so.
  if (failed === undefined) return { kind: 'unavailable', code: 'NotAnswered' };
  const code = failed.Code ?? 'Unknown';
  if (failed.SenderFault !== true) return { kind: 'unavailable', code };
  return { kind: 'refused', code, reason: failed.Message ?? code };
}
