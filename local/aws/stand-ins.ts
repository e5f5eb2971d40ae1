import { setTimeout } from 'node:timers/promises';
import { backendAt } from './autoscaling/live/back-end.ts';
import { firehoseStandIns, passOnTo } from './firehose/stand-ins.ts';
import { sqsStandIns } from './sqs/stand-ins.ts';
import type { AwsService, ServiceOptions } from './wire/service.ts';

/** The operations that are answered here because the server at `backend` lacks them, by their `X-Amz-Target`. */
export function standInsAt(
  backend: string,
  { now, onBug }: { now: () => number } & Pick<ServiceOptions, 'onBug'>,
): Readonly<Record<string, AwsService>> {
  return {
    ...sqsStandIns({ ask: backendAt(backend, fetch), now, sleep: (ms) => setTimeout(ms), onBug }),
    ...firehoseStandIns(passOnTo(backend, fetch)),
  };
}
