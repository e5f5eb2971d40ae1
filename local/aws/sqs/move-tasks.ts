import type { AskBackend } from '../autoscaling/live/back-end.ts';
import { AwsFault } from '../fault.ts';
import type { HandlersOf, RequestContext } from '../wire/service.ts';

type SqsHandlers = HandlersOf<typeof import('@aws-sdk/client-sqs')>;

type Place = Pick<RequestContext, 'accountId' | 'region'>;

type MoveTask = {
  handle: string;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  sourceArn: string;
  destinationArn: string;
  /** Whether the caller named the destination. */
  isNamed: boolean;
  perSecond: number | undefined;
  toMove: number;
  moved: number;
  startedAt: number;
  failure?: string;
};

export type MoveTasksOptions = {
  /** Where the queues are. */
  ask: AskBackend;
  now: () => number;
  sleep: (ms: number) => Promise<unknown>;
};

const MOST_PER_CALL = 10;
/** What SQS keeps of the tasks of one queue. */
const MOST_KEPT = 10;

/**
 * The move tasks of SQS, which the back end does not have: messages of a dead-letter queue go back to where they came
 * from, or to another queue, as new messages.
 *
 * The back end does not keep where each message came from. So a queue that several others park in needs a
 * `DestinationArn`, and is refused by name without one.
 * Source: SQS API, StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask (read 2026-11).
 */
export function createMoveTasks({ ask, now, sleep }: MoveTasksOptions) {
  /** By the ARN of the source, the newest first. */
  const tasksBySource = new Map<string, MoveTask[]>();
  const tasksOf = (arn: string) => tasksBySource.get(arn) ?? [];
  let count = 0;

  const call = (place: Place, operation: string, input: object) =>
    ask(place, { service: 'sqs', operation, input }) as Promise<Record<string, unknown>>;

  async function move(place: Place, task: MoveTask): Promise<void> {
    const [source, destination] = [
      await urlOf(place, task.sourceArn),
      await urlOf(place, task.destinationArn),
    ];
    while (task.status === 'RUNNING') {
      const moved = await moveSome(place, source, destination);
      task.moved += moved;
      if (moved === 0) task.status = 'COMPLETED';
      if (task.perSecond !== undefined) await sleep((moved * 1000) / task.perSecond);
    }
    if (task.status === 'CANCELLING') task.status = 'CANCELLED';
  }

  async function moveSome(place: Place, source: string, destination: string): Promise<number> {
    const received = await call(place, 'ReceiveMessage', {
      QueueUrl: source,
      MaxNumberOfMessages: MOST_PER_CALL,
      MessageAttributeNames: ['All'],
    });
    const messages = (received.Messages ?? []) as Record<string, unknown>[];
    for (const { Body, MessageAttributes, ReceiptHandle } of messages) {
      const MessageBody = Body;
      await call(place, 'SendMessage', { QueueUrl: destination, MessageBody, MessageAttributes });
      await call(place, 'DeleteMessage', { QueueUrl: source, ReceiptHandle });
    }
    return messages.length;
  }

  async function urlOf(place: Place, arn: string): Promise<string> {
    const QueueName = arn.split(':').at(-1);
    const { QueueUrl } = await call(place, 'GetQueueUrl', { QueueName }).catch((error: unknown) => {
      if (!String(error).includes('NonExistentQueue')) throw error;
      throw new AwsFault(
        'ResourceNotFoundException',
        `The resource that you specified for the SourceArn parameter doesn't exist.`,
        404,
      );
    });
    return String(QueueUrl);
  }

  async function onlySourceOf(place: Place, QueueUrl: string): Promise<string> {
    const { queueUrls = [] } = await call(place, 'ListDeadLetterSourceQueues', { QueueUrl });
    const [url, ...others] = queueUrls as string[];
    if (url === undefined) throw invalid('Source queue must be configured as a Dead Letter Queue.');
    if (others.length > 0) {
      throw new AwsFault(
        'UnsupportedOperation',
        `${others.length + 1} queues park in it, and the local AWS does not know which message came from which; give a DestinationArn.`,
      );
    }
    const { accountId, region } = place;
    return `arn:aws:sqs:${region}:${accountId}:${url.split('/').at(-1)}`;
  }

  async function depthOf(place: Place, QueueUrl: string): Promise<number> {
    const AttributeNames = ['ApproximateNumberOfMessages'];
    const { Attributes } = await call(place, 'GetQueueAttributes', { QueueUrl, AttributeNames });
    return Number((Attributes as Record<string, string> | undefined)?.ApproximateNumberOfMessages ?? 0);
  }

  const handlers = {
    async StartMessageMoveTask(
      { SourceArn: sourceArn = '', DestinationArn, MaxNumberOfMessagesPerSecond },
      place,
    ) {
      const perSecond = MaxNumberOfMessagesPerSecond;
      if (perSecond !== undefined && (perSecond < 1 || perSecond > 500)) {
        throw invalid('MaxNumberOfMessagesPerSecond must be from 1 to 500.');
      }
      const source = await urlOf(place, sourceArn);
      const origin = await onlySourceOf(place, source).catch((error: unknown) => {
        if (
          DestinationArn !== undefined &&
          error instanceof AwsFault &&
          error.code === 'UnsupportedOperation'
        )
          return DestinationArn;
        throw error;
      });
      const destinationArn = DestinationArn ?? origin;
      await urlOf(place, destinationArn);
      if (tasksOf(sourceArn).some(isActive)) {
        throw invalid(
          'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
        );
      }
      count += 1;
      const handle = Buffer.from(JSON.stringify({ taskId: String(count), sourceArn })).toString('base64');
      const task: MoveTask = {
        ...{ handle, status: 'RUNNING', sourceArn, destinationArn, perSecond, moved: 0 },
        isNamed: DestinationArn !== undefined,
        toMove: await depthOf(place, source),
        startedAt: now(),
      };
      tasksBySource.set(sourceArn, [task, ...tasksOf(sourceArn)].slice(0, MOST_KEPT));
      void move(place, task).catch((error: unknown) => {
        task.status = 'FAILED';
        task.failure = String(error);
      });
      return { TaskHandle: handle };
    },
    async ListMessageMoveTasks({ SourceArn = '', MaxResults = 1 }, place) {
      await urlOf(place, SourceArn);
      return { Results: tasksOf(SourceArn).slice(0, MaxResults).map(toEntry) };
    },
    async CancelMessageMoveTask({ TaskHandle }) {
      const task = [...tasksBySource.values()].flat().find(({ handle }) => handle === TaskHandle);
      if (task?.status !== 'RUNNING') {
        throw new AwsFault('ResourceNotFoundException', 'Task does not exist.', 404);
      }
      task.status = 'CANCELLING';
      return { ApproximateNumberOfMessagesMoved: task.moved };
    },
  } satisfies SqsHandlers;
  return { handlers };
}

const isActive = ({ status }: MoveTask): boolean => status === 'RUNNING' || status === 'CANCELLING';

const invalid = (message: string) => new AwsFault('InvalidParameterValueException', message);

/** A handle is good for cancelling only, so a task that has ended shows none. */
function toEntry(task: MoveTask) {
  const { handle, status, sourceArn, destinationArn, isNamed, perSecond, toMove, moved, startedAt, failure } =
    task;
  return {
    ...(status === 'RUNNING' && { TaskHandle: handle }),
    Status: status,
    SourceArn: sourceArn,
    ...(isNamed && { DestinationArn: destinationArn }),
    ...(perSecond !== undefined && { MaxNumberOfMessagesPerSecond: perSecond }),
    ApproximateNumberOfMessagesToMove: toMove,
    ApproximateNumberOfMessagesMoved: moved,
    ...(failure !== undefined && { FailureReason: failure }),
    StartedTimestamp: startedAt,
  };
}
