import type { LogsClient } from '../aws-clients.ts';
import { selectLogLines } from '../decide/log-line.ts';
import type { StopCause } from '../decide/stop-reason.ts';
import type { TaskDefinitionDocument } from '../decide/task-definition-content.ts';
import { tryAwsFailure } from '../errors.ts';
import { lastPartOf } from './arn.ts';

/** The lines a container wrote that tell most, or in `note` why there are none to show. Oldest first. */
export interface LogLines {
  lines: string[];
  /** Log group and stream, where the task definition names them. */
  place?: string;
  note?: string;
}

/** Enough to find the error lines among what a busy container says while it is being stopped. */
const EVENTS_READ = 200;

/**
 * Reads what the container that a cause blames wrote last, from CloudWatch Logs, and picks at most `count`
 * lines of it. One call, or none when the container does not log there. Never throws: a missing log or permission becomes the note.
 * The stream is `<prefix>/<container>/<task id>` (ECS developer guide, awslogs driver).
 */
export async function readLogLines(
  logs: LogsClient,
  cause: StopCause,
  taskDefinition: TaskDefinitionDocument | undefined,
  count: number,
): Promise<LogLines> {
  const options = awslogsOptions(taskDefinition, cause.container);
  const [group, prefix] = [options?.['awslogs-group'], options?.['awslogs-stream-prefix']];
  if (!cause.container || !group || !prefix) return { lines: [], note: whyNoLog(cause.container) };
  const stream = `${prefix}/${cause.container}/${lastPartOf(cause.taskArn)}`;
  const place = `${group} ${stream}`;
  try {
    const input = { logGroupName: group, logStreamName: stream, limit: EVENTS_READ, startFromHead: false };
    const { client, GetLogEventsCommand } = await logs();
    const answer = await client.send(new GetLogEventsCommand(input));
    const written = (answer.events ?? []).map(({ message }) => message ?? '');
    const lines = selectLogLines(written, count);
    return written.length > 0 ? { lines, place } : { lines, place, note: 'the container wrote nothing' };
  } catch (error) {
    return { lines: [], place, note: noteOf(error) };
  }
}

function awslogsOptions(taskDefinition: TaskDefinitionDocument | undefined, container: string | undefined) {
  const containers = (taskDefinition?.containerDefinitions ?? []) as {
    name?: string;
    logConfiguration?: { logDriver?: string; options?: Record<string, string> };
  }[];
  const configuration = containers.find(({ name }) => name === container)?.logConfiguration;
  return configuration?.logDriver === 'awslogs' ? configuration.options : undefined;
}

function whyNoLog(container: string | undefined): string {
  if (!container) return 'no container had started';
  return `the task definition gives container ${container} no awslogs group and stream prefix`;
}

function noteOf(error: unknown): string {
  const failure = tryAwsFailure(error);
  if (failure?.name === 'ResourceNotFoundException') return 'the container wrote nothing';
  if (/AccessDenied/.test(failure?.name ?? ''))
    return 'the role of this step may not read it: allow logs:GetLogEvents';
  return `it could not be read: ${failure?.message ?? String(error)}`;
}
