import type { Readable } from 'node:stream';
import {
  type CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LogConfiguration } from '@aws-sdk/client-ecs';
import { type LogLine, splitLines, takeBatch } from './docker-log-lines.ts';

/** How long lines are gathered before they are sent: short, since people read them while they wait. */
const gatherMs = 200;

/** Where a container's lines go. */
export interface LogTarget {
  region: string;
  group: string;
  stream: string;
  createGroup: boolean;
}

/** Reads the target out of an `awslogs` configuration; the stream is `prefix/container/task-id`. */
export function logTarget(
  configuration: LogConfiguration,
  container: string,
  task: { taskId: string; region: string },
): LogTarget {
  const options = configuration.options ?? {};
  const streamPrefix = options['awslogs-stream-prefix'];
  return {
    region: options['awslogs-region'] ?? task.region,
    group: options['awslogs-group'] ?? '',
    stream: streamPrefix ? `${streamPrefix}/${container}/${task.taskId}` : `${container}/${task.taskId}`,
    createGroup: options['awslogs-create-group'] === 'true',
  };
}

/** Creates the stream. Throws an Error whose message is the `stoppedReason` ECS shows. */
export async function createLogStream(client: CloudWatchLogsClient, target: LogTarget): Promise<void> {
  const { group: logGroupName, stream: logStreamName } = target;
  try {
    if (target.createGroup) await unlessThere(client.send(new CreateLogGroupCommand({ logGroupName })));
    await unlessThere(client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })));
  } catch (error) {
    const { name, message } = error as Error;
    throw new Error(
      `ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ${name}: ${message} : exit status 1`,
    );
  }
}

/**
 * Sends what one container writes to its stream while it runs, in the order it was written.
 * Lines are sent at most `gatherMs` after they were read. A refused batch is dropped after the SDK's own
 * retries and told once through `warn`; the container goes on.
 */
export class LogShipper {
  readonly #client: CloudWatchLogsClient;
  readonly #target: LogTarget;
  readonly #now: () => number;
  readonly #warn: (line: string) => void;
  #waiting: LogLine[] = [];
  #sending: Promise<void> | undefined;
  #sources: Promise<void>[] = [];
  #hurry = Promise.withResolvers<void>();
  #warned = false;

  constructor(
    client: CloudWatchLogsClient,
    target: LogTarget,
    edge: { now: () => number; warn: (line: string) => void },
  ) {
    this.#client = client;
    this.#target = target;
    this.#now = edge.now;
    this.#warn = edge.warn;
  }

  /** Follows one of the container's outputs to its end. */
  follow(output: Readable): void {
    let rest: Buffer = Buffer.alloc(0);
    output.on('data', (chunk: Buffer) => {
      const split = splitLines(rest, chunk);
      rest = split.rest;
      this.#add(split.lines);
    });
    const ended = new Promise<void>((done) => {
      output.once('close', done);
      output.once('end', done);
      output.once('error', () => done());
    });
    this.#sources.push(ended.then(() => this.#add(rest.length ? [rest.toString('utf8')] : [])));
  }

  /** Waits until the outputs have ended (or `output` never does: at most `waitMs`) and all lines are sent. */
  async finish(waitMs: number): Promise<void> {
    const late = AbortSignal.timeout(waitMs);
    const tooLate = new Promise<void>((done) => late.addEventListener('abort', () => done(), { once: true }));
    await Promise.race([Promise.all(this.#sources), tooLate]);
    this.#hurry.resolve();
    await this.#sending;
  }

  #add(lines: readonly string[]): void {
    const timestamp = this.#now();
    this.#waiting.push(...lines.map((message) => ({ timestamp, message })));
    if (this.#waiting.length) this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    const gathered = new Promise<void>((done) => setTimeout(done, gatherMs));
    await Promise.race([gathered, this.#hurry.promise]);
    while (this.#waiting.length) {
      const logEvents = takeBatch(this.#waiting);
      this.#waiting = this.#waiting.slice(logEvents.length);
      await this.#put(logEvents);
    }
    this.#sending = undefined;
  }

  async #put(logEvents: LogLine[]): Promise<void> {
    const { group: logGroupName, stream: logStreamName } = this.#target;
    try {
      await this.#client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    } catch (error) {
      if (!this.#warned)
        this.#warn(`log lines for ${logGroupName} ${logStreamName} are lost: ${(error as Error).message}`);
      this.#warned = true;
    }
  }
}

async function unlessThere(call: Promise<unknown>): Promise<void> {
  await call.catch((error: Error) => {
    if (error.name !== 'ResourceAlreadyExistsException') throw error;
  });
}
