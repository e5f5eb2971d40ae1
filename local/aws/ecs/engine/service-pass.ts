import type { EngineContext, Place } from './context.ts';
import type { PassReport } from './service-events.ts';
import type { HealthReading } from './service-health.ts';
import { type DeploymentRecord, isRunning, type ServiceRecord, type TaskRecord } from './state.ts';

/** One look at a service at one moment: what is read once and what the pass gathers. */
export interface ServicePass {
  context: EngineContext;
  place: Place;
  service: ServiceRecord;
  /** Its tasks that have not STOPPED, oldest first. */
  live: readonly TaskRecord[];
  health: HealthReading;
  report: PassReport;
  /** The newest deployment waits for its first hooks: the one before it goes on being kept up. */
  isHeld: boolean;
  /** When time alone will change something. */
  dues: number[];
}

/** Tasks of a deployment that are RUNNING and wanted. */
export function runningCount(tasks: readonly TaskRecord[], deployment: DeploymentRecord): number {
  return tasks.filter((task) => task.deploymentId === deployment.id && isRunning(task)).length;
}

/** Ended before it was ever RUNNING, and not because the scheduler or a person wanted it to. */
export function hasFailedToRun(task: TaskRecord): boolean {
  return (
    task.startedAt === undefined &&
    (task.stopCode === 'TaskFailedToStart' || task.stopCode === 'EssentialContainerExited')
  );
}
