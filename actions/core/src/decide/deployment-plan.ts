import type { DeploymentHistoryEntry } from './deployment-reading.ts';
import { familyRevisionOf } from './rollback-target.ts';
import type { SettingChange } from './strategy-update.ts';

/** What to do when another deployment of the service is running. */
export type OnRunning = 'queue' | 'refuse' | 'stop';

/** One thing to do, with its reason. All of them can be printed before any is done. */
export type PlanStep =
  | { kind: 'wait'; serviceDeploymentArn: string; why: string }
  | { kind: 'stop'; serviceDeploymentArn: string; why: string }
  | { kind: 'refuse'; serviceDeploymentArn: string; why: string }
  /** Follow a deployment that already carries what is wanted. */
  | { kind: 'adopt'; serviceDeploymentArn: string; why: string }
  | { kind: 'register'; family: string; why: string }
  /** Run a one-off task on the new revision; when it fails, the update is not made. */
  | { kind: 'migrate'; container: string; command: readonly string[]; why: string }
  /** Keep autoscaling still until the end of the run. */
  | { kind: 'hold'; scaling: readonly string[]; why: string }
  /** `force`: make a deployment even though nothing in the service changes. */
  | { kind: 'update'; force: boolean; settings?: readonly SettingChange[]; why: string }
  | { kind: 'nothing'; why: string };

/** What the plan of one service depends on. */
export interface PlanQuestion {
  family: string;
  /** ARN of a registered task definition with the wanted content; absent: none was found. */
  equalTaskDefinitionArn?: string;
  currentTaskDefinitionArn: string;
  /** Ongoing deployments, newest first, with their target's task definition where known. */
  running: (DeploymentHistoryEntry & { taskDefinitionArn?: string })[];
  /** Status of the service's newest deployment that has ended; absent when it has none. */
  lastStatus?: string;
  /** The deployment by which an earlier attempt of this run has brought what the service runs; absent: none did. */
  ownDeploymentArn?: string;
  onRunning: OnRunning;
  force: boolean;
  /** What the strategy changes in the service's deployment settings. */
  settings?: readonly SettingChange[];
  /** The one-off task that comes before a new revision is deployed. */
  migration?: { container: string; command: readonly string[] };
}

/** Ends after which the service runs its task definition as ECS means it to. */
const SETTLED = new Set(['SUCCESSFUL', 'ROLLBACK_SUCCESSFUL']);

/**
 * Plans how one service gets to the wanted content: at most one wait or stop, one registration and one
 * update, or nothing; a one-off task comes before an update that makes a deployment. A deployment that runs already with the wanted task definition is adopted, so that a
 * run which was killed and starts again makes no second one.
 */
export function planDeployment(question: PlanQuestion): PlanStep[] {
  const { equalTaskDefinitionArn: equal, currentTaskDefinitionArn: current } = question;
  const [newest] = question.running;
  if (
    newest &&
    equal &&
    newest.taskDefinitionArn === equal &&
    !question.force &&
    isGoingForward(newest.status)
  ) {
    const { serviceDeploymentArn } = newest;
    return [{ kind: 'adopt', serviceDeploymentArn, why: `it already carries ${familyRevisionOf(equal)}` }];
  }
  const settled = question.lastStatus === undefined || SETTLED.has(question.lastStatus);
  if (!newest && equal === current && settled && !question.force) {
    const why = `the service runs ${familyRevisionOf(current)}, which has this content`;
    if ((question.settings ?? []).length > 0) return [settingsOnly(question, why)];
    return [adoptionOfOwn(question, why) ?? { kind: 'nothing', why }];
  }
  const { migration } = question;
  return [
    ...(newest ? [aboutRunning(newest, question.onRunning)] : []),
    ...(equal ? [] : [registration(question.family, current)]),
    ...(migration ? [migrationStep(migration)] : []),
    updateOf(question, settled),
  ];
}

/** So that an attempt that was killed after its deployment is judged, and can be rolled back, by the next one. */
function adoptionOfOwn({ ownDeploymentArn }: PlanQuestion, why: string): PlanStep | undefined {
  if (ownDeploymentArn === undefined) return undefined;
  return {
    kind: 'adopt',
    serviceDeploymentArn: ownDeploymentArn,
    why: `${why}, by an earlier attempt of this run`,
  };
}

function migrationStep(migration: { container: string; command: readonly string[] }): PlanStep {
  const { container, command } = migration;
  return { kind: 'migrate', container, command, why: 'before the service is updated' };
}

/** ECS takes over new deployment settings without a deployment. */
function settingsOnly({ settings }: PlanQuestion, why: string): PlanStep {
  return {
    kind: 'update',
    force: false,
    ...(settings ? { settings } : {}),
    why: `only its deployment settings; ${why}`,
  };
}

/** The steps as lines of text, in the order they would be done. */
export function renderPlan(steps: readonly PlanStep[]): string[] {
  return steps.map(renderStep);
}

/** The last part of a service deployment's ARN, which is enough to find it in the console. */
export function deploymentIdOf(serviceDeploymentArn: string): string {
  return serviceDeploymentArn.split('/').at(-1) ?? serviceDeploymentArn;
}

function renderStep(step: PlanStep): string {
  switch (step.kind) {
    case 'register':
      return `register a revision of ${step.family}: ${step.why}`;
    case 'migrate':
      return `run ${JSON.stringify(step.command)} in a one-off task, container ${step.container}: ${step.why}`;
    case 'hold':
      return `hold autoscaling (${step.scaling.join(', ')}): ${step.why}`;
    case 'update':
      return [`update the service: ${step.why}`, ...(step.settings ?? []).map(renderSetting)].join('; ');
    case 'nothing':
      return `nothing to do: ${step.why}`;
    default:
      return `${step.kind} service deployment ${deploymentIdOf(step.serviceDeploymentArn)}: ${step.why}`;
  }
}

function renderSetting({ path, before, after }: SettingChange): string {
  return `${path} ${before ?? 'not set'} -> ${after ?? 'not set'}`;
}

/** ECS makes no deployment when the task definition stays, so a new try at the same one must be forced. */
function updateOf(question: PlanQuestion, settled: boolean): PlanStep {
  const { equalTaskDefinitionArn: equal, currentTaskDefinitionArn: current, force } = question;
  const settings = (question.settings ?? []).length > 0 ? { settings: question.settings ?? [] } : {};
  if (!equal) return { kind: 'update', force, ...settings, why: 'to the new revision' };
  if (equal !== current)
    return { kind: 'update', force, ...settings, why: `${familyRevisionOf(equal)} has this content` };
  const why = settled
    ? 'forced'
    : `the last deployment of ${familyRevisionOf(current)} ended ${question.lastStatus}`;
  return { kind: 'update', force: true, ...settings, why };
}

function isGoingForward(status: string): boolean {
  return status === 'PENDING' || status === 'IN_PROGRESS';
}

function aboutRunning(
  { serviceDeploymentArn, status }: DeploymentHistoryEntry,
  onRunning: OnRunning,
): PlanStep {
  const kind = onRunning === 'queue' ? 'wait' : onRunning;
  return { kind, serviceDeploymentArn, why: `another deployment of this service is ${status}` };
}

function registration(family: string, current: string): PlanStep {
  return {
    kind: 'register',
    family,
    why: `content differs from ${familyRevisionOf(current)} and from the newest revision`,
  };
}
