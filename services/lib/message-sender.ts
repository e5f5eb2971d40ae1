import { text } from 'node:stream/consumers';
import {
  type BatchResultErrorEntry,
  type SendMessageBatchCommandOutput as Output,
  SendMessageBatch$,
  SendMessageBatchCommand,
  type SendMessageBatchCommandInput,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { getEndpointFromInstructions, toEndpointV1 } from '@smithy/core/endpoints';
import { type HttpProtocol, HttpRequest, type HttpResponse, type IHttpRequest } from '@smithy/core/protocols';
import { retryMiddleware } from '@smithy/core/retry';
import { operation } from '@smithy/core/schema';
import type { Clock } from './clock.ts';

/** What became of one message of a batch. */
export type SendOutcome =
  | { kind: 'accepted'; messageId: string }
  /** The message itself is at fault: sending it again cannot help. */
  | { kind: 'refused'; code: string; reason: string }
  | { kind: 'unavailable'; code: string };

/**
 * Sends up to ten messages in one call and gives each one's own outcome, in their order.
 *
 * Entries that SQS turned down through no fault of theirs are sent once more, 50 to 150 ms later. Throws when a whole call
 * fails, as the client would; it was then tried as often as the client allows. A message may be in the queue although
 * its call failed (its answer was lost), never the other way round.
 */
export type SendMessages = (bodies: readonly string[]) => Promise<SendOutcome[]>;

/** Makes what sends messages to one queue, by the connections, credentials and retries of `sqs`. */
export function createMessageSender(deps: {
  sqs: SQSClient;
  queueUrl: string;
  clock: Pick<Clock, 'sleep'>;
  random: () => number;
}): SendMessages {
  const { sqs, queueUrl, clock, random } = deps;
  const sendBatch = createSendBatch(sqs);

  async function sendOnce(bodies: readonly string[]): Promise<SendOutcome[]> {
    const output = await sendBatch({
      QueueUrl: queueUrl,
      Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
    });
    return bodies.map((_body, index) => readOutcome(output, String(index)));
  }

  return async (bodies) => {
    const outcomes = await sendOnce(bodies);
    const again = outcomes.flatMap(({ kind }, index) => (kind === 'unavailable' ? [index] : []));
    if (again.length === 0) return outcomes;
    await clock.sleep(50 + Math.round(100 * random()));
    const second = await sendOnce(again.map((index) => bodies[index] ?? '')).catch(() => undefined);
    again.forEach((index, position) => {
      outcomes[index] = second?.[position] ?? { kind: 'unavailable', code: 'CallFailed' };
    });
    return outcomes;
  };
}

/**
 * Makes `input => sqs.send(new SendMessageBatchCommand(input))` at half of its processor time, which was two fifths of
 * what a mail cost. Of the client's chain of steps it takes retries, signature, connection and errors, each the client's
 * own; input and output are texts in lists, which JSON writes and reads as the client does. Left out are the names of the
 * SDK and its settings in `user-agent`, the SDK's log and the correction of a wrong clock by that of SQS: a task's host
 * has the right time. Source: the protocol AWS JSON 1.0, https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
function createSendBatch(sqs: SQSClient) {
  const { config } = sqs;
  // An instance: only what the client is made with may be a class.
  const protocol = config.protocol as HttpProtocol;
  const [, namespace, name, traits, inputShape, outputShape] = SendMessageBatch$;
  const sendMessageBatch = operation(namespace, name, traits, inputShape, outputShape);
  let emptyRequest: IHttpRequest | undefined;

  /** All but the body, which alone differs: to where region, AWS_ENDPOINT_URL, FIPS and dual stack say. */
  async function makeEmptyRequest(): Promise<IHttpRequest> {
    const found = toEndpointV1(await getEndpointFromInstructions({}, SendMessageBatchCommand, config));
    const context = { ...config, endpoint: async () => found };
    const request = await protocol.serializeRequest(sendMessageBatch, {}, context);
    const { hostname, port } = request;
    request.headers.host = port === undefined ? hostname : `${hostname}:${port}`;
    return request;
  }

  async function attempt(request: IHttpRequest): Promise<{ response: HttpResponse; output: Output }> {
    const signer = await config.signer();
    const { response } = await config.requestHandler.handle(await signer.sign(request));
    const output =
      response.statusCode < 300
        ? { ...JSON.parse(await text(response.body)), $metadata: { httpStatusCode: response.statusCode } }
        : await protocol.deserializeResponse<Output>(sendMessageBatch, config, response);
    return { response, output };
  }

  const attemptAndRetry = retryMiddleware(config)<Output>(
    ({ request }) => attempt(request as IHttpRequest),
    {},
  );
  return async (input: SendMessageBatchCommandInput): Promise<Output> => {
    emptyRequest ??= await makeEmptyRequest();
    const request = HttpRequest.clone(emptyRequest);
    request.body = JSON.stringify(input);
    const { output } = await attemptAndRetry({ input, request });
    return output;
  };
}

function readOutcome(output: Output, id: string): SendOutcome {
  const accepted = output.Successful?.find((entry) => entry.Id === id);
  if (accepted?.MessageId !== undefined) return { kind: 'accepted', messageId: accepted.MessageId };
  const failed: BatchResultErrorEntry | undefined = output.Failed?.find((entry) => entry.Id === id);
  // In neither list: SQS has not said that it has the message, so nobody may be told so.
  if (failed === undefined) return { kind: 'unavailable', code: 'NotAnswered' };
  const code = failed.Code ?? 'Unknown';
  if (failed.SenderFault !== true) return { kind: 'unavailable', code };
  return { kind: 'refused', code, reason: failed.Message ?? code };
}
