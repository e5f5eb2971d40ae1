import type { AdminRoom } from '../gateway/gateway.ts';
import type { Ecs } from './ecs.ts';
import type { InterruptionCode } from './runtime/task-runtime.ts';

/** What AWS says of a task that it takes away, by stop code; the sentence of Spot is AWS's own (Fargate Spot guide). */
const REASONS: Readonly<Record<InterruptionCode, string>> = {
  SpotInterruption: 'Your Spot Task was interrupted.',
  TerminationNotice: 'Task was stopped because its capacity is being reclaimed.',
  InfrastructureHealth: 'Task was stopped because the infrastructure it ran on is not healthy.',
};

/**
 * `POST /_berth/interruptions` with `{ "task": ARN, "stopCode": … }` takes a task away as AWS does when it reclaims
 * capacity or retires a machine; `reason` in the body stands instead of the usual sentence.
 */
export function interruptionsRoom(ecs: Pick<Ecs, 'isLive' | 'report'>, now: () => number): AdminRoom {
  return async ({ method, body }) => {
    if (method !== 'POST') return answer(405, `/_berth/interruptions takes POST, not ${method}.`);
    const asked = parse(body);
    if (typeof asked === 'string') return answer(400, asked);
    const { task, stopCode, reason = REASONS[stopCode] } = asked;
    if (!ecs.isLive(task)) return answer(404, `No task that has not stopped has the ARN ${task}.`);
    ecs.report(task, { kind: 'interrupted', stopCode, reason }, now());
    return answer(200, `${task} is interrupted.`);
  };
}

interface Interruption {
  task: string;
  stopCode: InterruptionCode;
  reason?: string;
}

function parse(body: string): Interruption | string {
  let asked: Partial<Interruption> | null;
  try {
    asked = JSON.parse(body) as Partial<Interruption> | null;
  } catch {
    return 'The body must be JSON.';
  }
  const codes = Object.keys(REASONS);
  if (typeof asked?.task !== 'string') return 'Give "task", the ARN of a task.';
  if (!asked.stopCode || !codes.includes(asked.stopCode))
    return `Give "stopCode", one of ${codes.join(', ')}.`;
  if (asked.reason !== undefined && typeof asked.reason !== 'string') return '"reason" must be a text.';
  return asked as Interruption;
}

const answer = (status: number, message: string) => ({ status, body: JSON.stringify({ message }) });
