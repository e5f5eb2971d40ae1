import * as sqs from '@aws-sdk/client-sqs';
import { jsonService } from '../wire/json.ts';
import type { AwsService, ServiceOptions } from '../wire/service.ts';
import { createMoveTasks, type MoveTasksOptions } from './move-tasks.ts';

/** The operations of SQS that are answered here because the back end lacks them, by their `X-Amz-Target`. */
export function sqsStandIns(
  options: MoveTasksOptions & Pick<ServiceOptions, 'onBug'>,
): Readonly<Record<string, AwsService>> {
  const { handlers } = createMoveTasks(options);
  const service = jsonService(sqs, handlers, { onBug: options.onBug });
  return Object.fromEntries(Object.keys(handlers).map((operation) => [`AmazonSQS.${operation}`, service]));
}
