import type { TaskDefinition } from '@aws-sdk/client-ecs';
import type { AlarmStates } from '../alarm-states.ts';
import type { HookCaller } from '../hook-caller.ts';
import type { TaskRuntime } from '../runtime/task-runtime.ts';
import type { TargetGroups } from '../target-groups.ts';
import type { TrafficRules } from '../traffic-rules.ts';
import type { Random } from './identifiers.ts';
import type { ClusterRecord, EcsState, ScopeRecord, ServiceRecord, TaskRecord } from './state.ts';
import type { Timings } from './timings.ts';

/** `deregister-first` waits the deregistration delay before SIGTERM; `together` sends SIGTERM at its start. */
export type DrainOrder = 'deregister-first' | 'together';

/** What applying a decision needs: the state it changes and the doors to the outside. */
export interface EngineContext {
  readonly state: EcsState;
  readonly runtime: Pick<TaskRuntime, 'start' | 'stop'>;
  readonly targetGroups: TargetGroups;
  readonly trafficRules: TrafficRules;
  readonly alarms: AlarmStates;
  readonly hooks: Pick<HookCaller, 'call'>;
  readonly random: Random;
  readonly timings: Timings;
  readonly drainOrder: DrainOrder;
}

/** Where a service or a task lives. */
export interface Place {
  scope: ScopeRecord;
  cluster: ClusterRecord;
}

export const scopeKey = (accountId: string, region: string): string => `${accountId}/${region}`;

/** Finds a task definition by its ARN, active or not. */
export function findTaskDefinition(scope: ScopeRecord, arn: string): TaskDefinition | undefined {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const colon = name.lastIndexOf(':');
  return scope.families[name.slice(0, colon)]?.[Number(name.slice(colon + 1)) - 1];
}

/** The tasks of a service that have not STOPPED, oldest first. */
export function liveTasks(cluster: ClusterRecord, service: ServiceRecord): TaskRecord[] {
  return service.liveTaskIds.flatMap((id) => cluster.tasks[id] ?? []);
}
