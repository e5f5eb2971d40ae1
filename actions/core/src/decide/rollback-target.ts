/** What `to` names, taken apart. */
export type RollbackTarget =
  | { kind: 'previous' }
  /** `name` is `family:revision` or a full task definition ARN. */
  | { kind: 'task-definition'; name: string }
  | { kind: 'service-revision'; arn: string }
  /** The newest revision of a commit; `prefix` has at least 7 characters. */
  | { kind: 'commit'; prefix: string }
  /** What served at that moment, epoch milliseconds. */
  | { kind: 'before'; at: number }
  /** The newest revision one of whose containers ran this image; `sha256:` and at least 12 characters. */
  | { kind: 'digest'; digest: string };

const TASK_DEFINITION_ARN = /^arn:[\w-]+:ecs:[\w-]+:\d{12}:task-definition\/[\w-]+:\d+$/;
const SERVICE_REVISION_ARN = /^arn:[\w-]+:ecs:[\w-]+:\d{12}:service-revision\/[\w-]+\/[\w-]+\/\d+$/;

/** Every form of `to`, in words, for the message about a wrong one. */
export const ROLLBACK_TARGETS =
  'previous, family:revision, sha:<commit, 7 characters or more>, before:<time, like 2026-11-21T09:00:00Z>, sha256:<digest>, or the ARN of a task definition or service revision';

/** Takes `to` apart; `undefined` for a text of none of the forms of `ROLLBACK_TARGETS`. */
export function tryRollbackTarget(to: string): RollbackTarget | undefined {
  if (to === 'previous') return { kind: 'previous' };
  if ((/^[\w-]+:\d+$/.test(to) && !/^sha(256)?:\d{7,}$/.test(to)) || TASK_DEFINITION_ARN.test(to))
    return { kind: 'task-definition', name: to };
  if (SERVICE_REVISION_ARN.test(to)) return { kind: 'service-revision', arn: to };
  if (/^sha:[0-9a-f]{7,40}$/.test(to)) return { kind: 'commit', prefix: to.slice('sha:'.length) };
  if (/^sha256:[0-9a-f]{12,64}$/.test(to)) return { kind: 'digest', digest: to };
  return tryBefore(to);
}

/** A time without a zone would mean another one on each machine. */
function tryBefore(to: string): RollbackTarget | undefined {
  const [, time = ''] =
    /^before:(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))$/.exec(to) ?? [];
  const at = Date.parse(time);
  return Number.isNaN(at) ? undefined : { kind: 'before', at };
}

/** `family:revision` of a task definition ARN; a text that is no ARN is returned as it is. */
export function familyRevisionOf(taskDefinitionArn: string): string {
  return taskDefinitionArn.split('/').at(-1) ?? taskDefinitionArn;
}

/** The text that `tryRollbackTarget` takes apart; for a command that goes on with a rollback. */
export function renderRollbackTarget(target: RollbackTarget): string {
  switch (target.kind) {
    case 'previous':
      return 'previous';
    case 'task-definition':
      return target.name;
    case 'service-revision':
      return target.arn;
    case 'commit':
      return `sha:${target.prefix}`;
    case 'before':
      return `before:${new Date(target.at).toISOString()}`;
    case 'digest':
      return target.digest;
  }
}
