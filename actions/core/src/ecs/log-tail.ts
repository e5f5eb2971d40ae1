import type { LogsClient } from '../aws-clients.ts';
import type { TaskDefinitionDocument } from '../decide/task-definition-content.ts';
import { isAwsFailure } from '../errors.ts';
import { lastPartOf } from './arn.ts';

/** Where one container of a task writes its log. */
export interface LogPlace {
  container: string;
  group: string;
  stream: string;
}

/** Reads a log stream onwards: each call gives the lines written since the call before. */
export interface LogTail {
  place: LogPlace;
  /** One call to AWS. A stream that does not exist yet has no lines. */
  next(): Promise<string[]>;
}

/**
 * The log streams of a task's containers that log to CloudWatch Logs; the others are left out.
 * The stream is `<prefix>/<container>/<task id>` (ECS developer guide, awslogs driver).
 */
export function logPlacesOf(document: TaskDefinitionDocument, taskArn: string): LogPlace[] {
  const containers = (document.containerDefinitions ?? []) as {
    name?: string;
    logConfiguration?: { logDriver?: string; options?: Record<string, string> };
  }[];
  return containers.flatMap(({ name = '', logConfiguration: log }) => {
    const { 'awslogs-group': group, 'awslogs-stream-prefix': prefix } = log?.options ?? {};
    if (log?.logDriver !== 'awslogs' || !group || !prefix) return [];
    return [{ container: name, group, stream: `${prefix}/${name}/${lastPartOf(taskArn)}` }];
  });
}

/** Opens a stream at its beginning. Errors other than a missing stream are thrown by `next`. */
export function openLogTail(logs: LogsClient, place: LogPlace): LogTail {
  let nextToken: string | undefined;
  return {
    place,
    async next() {
      const input = {
        logGroupName: place.group,
        logStreamName: place.stream,
        startFromHead: true,
        nextToken,
      };
      const { client, GetLogEventsCommand } = await logs();
      const answer = await client.send(new GetLogEventsCommand(input)).catch((error: unknown) => {
        if (isAwsFailure(error, 'ResourceNotFoundException')) return undefined;
        throw error;
      });
      // At the end CloudWatch Logs gives the token again that it was given, and no events.
      const isSame = answer?.nextForwardToken !== undefined && answer.nextForwardToken === nextToken;
      nextToken = answer?.nextForwardToken ?? nextToken;
      if (isSame) return [];
      return (answer?.events ?? []).flatMap(({ message = '' }) => message.trimEnd().split(/\r?\n/));
    },
  };
}
