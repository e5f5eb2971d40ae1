import type { PlanStep } from '../../core/src/decide/deployment-plan.ts';
import { deploymentIdOf } from '../../core/src/decide/deployment-plan.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import { readServices } from '../../core/src/ecs/service.ts';
import { stopServiceDeployment } from '../../core/src/ecs/service-deployment.ts';
import { MIGRATED_TAG, tagTaskDefinition } from '../../core/src/ecs/task-definition.ts';
import { renderError, UserError } from '../../core/src/errors.ts';
import { type FollowDeps, followDeployments } from '../../core/src/follow.ts';
import type { AutoscalingHold } from './hold-autoscaling.ts';
import { type MigrationResult, runMigration } from './migration.ts';
import { type PlanChoices, type PlannedService, planService } from './plan.ts';
import type { Registrations } from './registrations.ts';

/** What carrying out a plan needs besides AWS. `deadlineAt` is epoch milliseconds. */
export interface ApplyContext {
  deps: FollowDeps;
  choices: PlanChoices;
  deadlineAt: number;
  wave: number;
  commit: string;
  /** Tags for a newly registered revision, so that it leads back to commit and run. */
  tags: Readonly<Record<string, string>>;
  /** Tells the tries of one run apart. */
  attempt: string;
  registrations: Registrations;
  hold: AutoscalingHold;
  /** Refuses a plan that a wait has made older than what the service runs by now. */
  assertNotOlder(planned: PlannedService): Promise<void>;
}

/** A service on which only the update is left to do, or nothing. */
export interface PreparedService {
  planned: PlannedService;
  /** Full ARN of what it shall run. */
  taskDefinitionArn: string;
  migration?: MigrationResult;
}

type Running = Extract<PlanStep, { kind: 'wait' | 'stop' | 'refuse' }>;

/**
 * Does all of a service's plan that comes before its update: clears the way, registers, migrates. The service itself
 * is not touched, so that a failure here, of this service or of one beside it, leaves all as it was.
 */
export async function prepareService(
  planned: PlannedService,
  context: ApplyContext,
): Promise<PreparedService> {
  assertGoingOn(planned, context);
  const [first] = planned.steps;
  if (first?.kind === 'wait' || first?.kind === 'stop' || first?.kind === 'refuse') {
    await clearTheWay(planned, first, context);
    const again = await planAgain(planned, context);
    await context.assertNotOlder(again);
    return prepareService(again, context);
  }
  if (first?.kind === 'nothing' || first?.kind === 'adopt') {
    const taskDefinitionArn = planned.equal?.taskDefinitionArn ?? planned.before.taskDefinitionArn;
    return { planned, taskDefinitionArn };
  }
  const taskDefinitionArn = await context.registrations.arnOf(planned);
  const migration = await migrate(planned, taskDefinitionArn, context);
  return { planned, taskDefinitionArn, ...(migration ? { migration } : {}) };
}

/** The deployment that stands in the way of a plan which refuses to wait. */
export function tryRefusal(planned: readonly PlannedService[]): UserError | undefined {
  const refused = planned.flatMap(({ wanted, steps }) =>
    steps.flatMap((step) => (step.kind === 'refuse' ? [{ service: wanted.service, step }] : [])),
  );
  return refused.length === 0
    ? undefined
    : new UserError('DEPLOYMENT_RUNNING', refused.map(renderRefusal).join('\n'));
}

/** Throws when the step has been cancelled: what has not begun does not begin. */
export function assertGoingOn({ wanted }: PlannedService, { deps }: Pick<ApplyContext, 'deps'>): void {
  if (!deps.signal?.aborted) return;
  throw new UserError('DEPLOYMENT_CANCELLED', `${wanted.service}: cancelled before it was deployed.`);
}

function renderRefusal({ service, step }: { service: string; step: Running }): string {
  const choices = 'wait for it with "on-running: queue", or end it with "on-running: stop"';
  return `${service}: ${step.why} (${step.serviceDeploymentArn}). Nothing was written; ${choices}.`;
}

async function migrate(
  { wanted, before, document, steps }: PlannedService,
  taskDefinitionArn: string,
  { deps, tags, attempt }: ApplyContext,
): Promise<MigrationResult | undefined> {
  if (!wanted.migrate || !steps.some(({ kind }) => kind === 'migrate')) return undefined;
  const { service, migrate: migration } = wanted;
  const request = { service, before, taskDefinitionArn, document, migration, tags, attempt };
  const result = await runMigration(request, deps);
  await markMigrated(taskDefinitionArn, deps);
  return result;
}

/** What is older than a migration may not fit the data any more: a rollback wants to know. An extra. */
async function markMigrated(taskDefinitionArn: string, { ecs, clock, log }: FollowDeps): Promise<void> {
  const time = new Date(clock.now()).toISOString();
  await tagTaskDefinition(ecs, taskDefinitionArn, MIGRATED_TAG, time).catch((error: unknown) => {
    const revision = familyRevisionOf(taskDefinitionArn);
    log.warning(
      `${revision} could not be marked as migrated, so a rollback will not know: ${renderError(error)}`,
    );
  });
}

async function clearTheWay(
  { wanted, before }: PlannedService,
  step: Running,
  context: ApplyContext,
): Promise<void> {
  const { deps, deadlineAt } = context;
  if (step.kind === 'refuse')
    throw new UserError('DEPLOYMENT_RUNNING', renderRefusal({ service: wanted.service, step }));
  if (step.kind === 'stop') await stopServiceDeployment(deps.ecs, step.serviceDeploymentArn);
  const id = deploymentIdOf(step.serviceDeploymentArn);
  deps.log.info(
    `${wanted.service}: ${step.kind === 'stop' ? 'stopping' : 'waiting for'} service deployment ${id}, ${step.why}`,
  );
  const followed = {
    service: `${wanted.service} (${id})`,
    cluster: wanted.cluster,
    serviceName: wanted.serviceName,
    serviceDeploymentArn: step.serviceDeploymentArn,
    taskDefinitionArn: before.taskDefinitionArn,
  };
  const timeoutMs = Math.max(0, deadlineAt - deps.clock.now());
  const [outcome] = await followDeployments(
    [followed],
    { timeoutMs, waitUntil: 'done', causes: 'quiet', logLines: 0 },
    deps,
  );
  if (outcome?.verdict.word !== 'unknown') return;
  const why = deps.signal?.aborted ? 'the step was cancelled' : 'the time was up';
  throw new UserError(
    'DEPLOYMENT_STILL_RUNNING',
    `${wanted.service}: the deployment ${familyRevisionOf(before.taskDefinitionArn)} (${step.serviceDeploymentArn}) was still under way when ${why}. Nothing was written for this service.`,
  );
}

async function planAgain(
  { wanted }: PlannedService,
  { deps, choices }: ApplyContext,
): Promise<PlannedService> {
  const [before] = await readServices(deps.ecs, wanted.cluster, [wanted.serviceName]);
  if (!before)
    throw new UserError('SERVICE_NOT_FOUND', `Service "${wanted.serviceName}" has gone meanwhile.`);
  return planService(deps.ecs, wanted, before, choices);
}
