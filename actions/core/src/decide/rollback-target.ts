/** What `to` names, taken apart. */
export type RollbackTarget =
  | { kind: 'previous' }
  /** `name` is `family:revision` or a full task definition ARN. */
  | { kind: 'task-definition'; name: string }
  | { kind: 'service-revision'; arn: string };

const TASK_DEFINITION_ARN = /^arn:[\w-]+:ecs:[\w-]+:\d{12}:task-definition\/[\w-]+:\d+$/;
const SERVICE_REVISION_ARN = /^arn:[\w-]+:ecs:[\w-]+:\d{12}:service-revision\/[\w-]+\/[\w-]+\/\d+$/;

/** Reads `previous`, `family:12`, or the ARN of a task definition or service revision; `undefined` for all else. */
export function tryRollbackTarget(to: string): RollbackTarget | undefined {
  if (to === 'previous') return { kind: 'previous' };
  if (/^[\w-]+:\d+$/.test(to) || TASK_DEFINITION_ARN.test(to)) return { kind: 'task-definition', name: to };
  if (SERVICE_REVISION_ARN.test(to)) return { kind: 'service-revision', arn: to };
  return undefined;
}

/** `family:revision` of a task definition ARN; a text that is no ARN is returned as it is. */
export function familyRevisionOf(taskDefinitionArn: string): string {
  return taskDefinitionArn.split('/').at(-1) ?? taskDefinitionArn;
}
