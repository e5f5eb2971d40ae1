import type { ECSClient } from '@aws-sdk/client-ecs';
import { type OnRunning, type PlanStep, planDeployment } from '../../core/src/decide/deployment-plan.ts';
import {
  type DeploymentHistoryEntry,
  isOngoing,
  type ServiceReading,
} from '../../core/src/decide/deployment-reading.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import { planStrategy, type StrategyUpdate } from '../../core/src/decide/strategy-update.ts';
import {
  hasSameContent,
  type TaskDefinitionDocument,
} from '../../core/src/decide/task-definition-content.ts';
import {
  diffTaskDefinitions,
  type TaskDefinitionChange,
} from '../../core/src/decide/task-definition-diff.ts';
import { familyOf } from '../../core/src/ecs/arn.ts';
import { taskDefinitionNotFound } from '../../core/src/ecs/near-names.ts';
import { assertDeployedByEcs, readServices } from '../../core/src/ecs/service.ts';
import { listServiceDeployments } from '../../core/src/ecs/service-deployment.ts';
import { readServiceRevisions } from '../../core/src/ecs/service-revision.ts';
import {
  KNOWN_BAD_TAG,
  type RegisteredTaskDefinition,
  tryTaskDefinition,
} from '../../core/src/ecs/task-definition.ts';
import { UserError } from '../../core/src/errors.ts';
import type { WantedService } from './wanted-services.ts';

/** Tag of a registered revision: the address of the workflow run that made it. */
export const RUN_TAG = 'deployed-by-run';

/** A service with what was found of it and the steps that lead to what is wanted. */
export interface PlannedService {
  wanted: WantedService;
  before: ServiceReading;
  /** Newest first; at least the newest hundred. */
  history: DeploymentHistoryEntry[];
  /** The registered revision with the wanted content, where there is one. */
  equal?: RegisteredTaskDefinition;
  /** What the service is set to now. */
  current?: RegisteredTaskDefinition;
  /** What differs between what it runs and what is wanted. */
  changes: TaskDefinitionChange[];
  /** The task definition wanted, registered or not. */
  document: TaskDefinitionDocument;
  strategy: StrategyUpdate;
  steps: PlanStep[];
}

export interface PlanChoices {
  onRunning: OnRunning;
  force: boolean;
  /** What earlier attempts of this run have tagged their revisions with; absent on a first attempt. */
  earlierAttempts?: string;
}

/** Reads all services, batched by cluster, and plans each. Only reads; every misfit is a `UserError`. */
export async function planServices(
  ecs: ECSClient,
  wanted: readonly WantedService[],
  choices: PlanChoices,
): Promise<PlannedService[]> {
  const byCluster = Map.groupBy(wanted, ({ cluster }) => cluster);
  const planned = await Promise.all(
    [...byCluster].map(async ([cluster, services]) => {
      const before = await readServices(
        ecs,
        cluster,
        services.map(({ serviceName }) => serviceName),
      );
      before.forEach(assertDeployedByEcs);
      return Promise.all(
        services.flatMap((service, i) => (before[i] ? [planService(ecs, service, before[i], choices)] : [])),
      );
    }),
  );
  return planned.flat();
}

/** Plans one service from a reading of it. Three to five calls. */
export async function planService(
  ecs: ECSClient,
  wanted: WantedService,
  before: ServiceReading,
  { onRunning, force, earlierAttempts }: PlanChoices,
): Promise<PlannedService> {
  const where = { cluster: wanted.cluster, serviceName: wanted.serviceName };
  const [history, current] = await Promise.all([
    listServiceDeployments(ecs, where, { limit: 100 }),
    tryTaskDefinition(ecs, before.taskDefinitionArn),
  ]);
  const equal = await findEqual(ecs, wanted, current);
  const document = 'document' in wanted.wanted ? wanted.wanted.document : (equal?.document ?? {});
  const strategy = before.settings
    ? planStrategy(wanted.strategy, before.settings)
    : { changes: [], faults: [] };
  const steps = planDeployment({
    family: familyWanted(wanted),
    equalTaskDefinitionArn: equal?.taskDefinitionArn,
    currentTaskDefinitionArn: before.taskDefinitionArn,
    running: await withTaskDefinitions(
      ecs,
      history.filter(({ status }) => isOngoing(status)),
    ),
    lastStatus: history.find(({ status }) => !isOngoing(status))?.status,
    ownDeploymentArn: tryOwnDeployment(before, history, current, earlierAttempts),
    onRunning,
    force,
    settings: strategy.changes,
    ...(wanted.migrate ? { migration: wanted.migrate } : {}),
  });
  const changes = diffTaskDefinitions(current?.document, document);
  return { wanted, before, history, equal, current, changes, document, strategy, steps };
}

/** The newest deployment, where it brought the revision that runs, and that one is of an earlier attempt of this run. */
function tryOwnDeployment(
  { currentServiceRevisionArns }: ServiceReading,
  [newest]: readonly DeploymentHistoryEntry[],
  current: RegisteredTaskDefinition | undefined,
  earlierAttempts: string | undefined,
): string | undefined {
  if (!earlierAttempts || current?.tags[RUN_TAG] !== earlierAttempts) return undefined;
  const isRunning = currentServiceRevisionArns.includes(newest?.targetServiceRevisionArn ?? '');
  return newest?.status === 'SUCCESSFUL' && isRunning ? newest.serviceDeploymentArn : undefined;
}

/** `known-bad` of the revision the plan leads to; an empty text is a mark too. */
export function knownBadOf({ equal }: PlannedService): string | undefined {
  return equal?.tags[KNOWN_BAD_TAG];
}

function familyWanted({ wanted }: WantedService): string {
  return 'document' in wanted ? String(wanted.document.family) : familyOf(wanted.taskDefinition);
}

/** The revision asked for, or one with the wanted content: what the service runs, else the family's newest. */
async function findEqual(
  ecs: ECSClient,
  { wanted }: WantedService,
  current: RegisteredTaskDefinition | undefined,
): Promise<RegisteredTaskDefinition | undefined> {
  if ('taskDefinition' in wanted) return readAskedFor(ecs, wanted.taskDefinition);
  const family = String(wanted.document.family);
  const isEqual = (one: RegisteredTaskDefinition | undefined): boolean =>
    one?.status === 'ACTIVE' && hasSameContent(one.document, wanted.document);
  if (current && familyOf(current.taskDefinitionArn) === family && isEqual(current)) return current;
  const newest = await tryTaskDefinition(ecs, family);
  return isEqual(newest) ? newest : undefined;
}

async function readAskedFor(ecs: ECSClient, name: string): Promise<RegisteredTaskDefinition> {
  const found = await tryTaskDefinition(ecs, name);
  if (found?.status === 'ACTIVE') return found;
  if (!found) throw await taskDefinitionNotFound(ecs, name);
  throw new UserError(
    'TASK_DEFINITION_INACTIVE',
    `${familyRevisionOf(name)} is ${found.status}, so ECS starts no tasks from it. The rollback action deploys a copy of it.`,
  );
}

async function withTaskDefinitions(ecs: ECSClient, running: DeploymentHistoryEntry[]) {
  const revisions = await readServiceRevisions(
    ecs,
    running.flatMap(({ targetServiceRevisionArn }) => targetServiceRevisionArn ?? []),
  );
  return running.map((entry) => ({
    ...entry,
    taskDefinitionArn: revisions.get(entry.targetServiceRevisionArn ?? '')?.taskDefinitionArn,
  }));
}
