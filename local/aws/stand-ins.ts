import { setTimeout } from 'node:timers/promises';
import { backendAt } from './autoscaling/live/back-end.ts';
import type { CompositeAlarms } from './cloudwatch/composite-alarms.ts';
import { cloudwatchStandIns } from './cloudwatch/stand-ins.ts';
import { firehoseStandIns } from './firehose/stand-ins.ts';
import { passOnTo } from './gateway/pass-on.ts';
import { secretStandIns } from './secrets/stand-ins.ts';
import { sqsStandIns } from './sqs/stand-ins.ts';
import type { AwsService, ServiceOptions } from './wire/service.ts';

/** The operations that are answered here because the server at `backend` lacks them, by their `X-Amz-Target`. */
export function standInsAt(
  backend: string,
  {
    now,
    onBug,
    composites,
  }: { now: () => number; composites: CompositeAlarms } & Pick<ServiceOptions, 'onBug'>,
): Readonly<Record<string, AwsService>> {
  return {
    ...sqsStandIns({ ask: backendAt(backend, fetch), now, sleep: (ms) => setTimeout(ms), onBug }),
    ...firehoseStandIns(passOnTo(backend, fetch, 'firehose')),
    ...secretStandIns(passOnTo(backend, fetch, 'secretsmanager')),
    ...cloudwatchStandIns(composites, passOnTo(backend, fetch, 'monitoring'), { onBug }),
  };
}
