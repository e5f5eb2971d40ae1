import type { ECSClient } from '@aws-sdk/client-ecs';
import type { DeploymentHistoryEntry, ServiceReading } from '../../core/src/decide/deployment-reading.ts';
import type { PreflightFinding } from '../../core/src/decide/preflight.ts';
import {
  type RollbackAnswer,
  selectRollbackCandidate,
  type TaskDefinitionFacts,
} from '../../core/src/decide/rollback-candidate.ts';
import { decideRollbackMeans, type RollbackMeans } from '../../core/src/decide/rollback-means.ts';
import type { RollbackTarget } from '../../core/src/decide/rollback-target.ts';
import type { ServiceDeploymentItem } from '../../core/src/deployments-json.ts';
import { readServices } from '../../core/src/ecs/service.ts';
import { listServiceDeployments, readServiceDeployments } from '../../core/src/ecs/service-deployment.ts';
import { readServiceRevisions } from '../../core/src/ecs/service-revision.ts';
import { KNOWN_BAD_TAG, tryTaskDefinition } from '../../core/src/ecs/task-definition.ts';
import { UserError } from '../../core/src/errors.ts';

/** A service to roll back; `ours` is what this run did to it, absent when a person asks. */
export interface RollbackService {
  service: string;
  cluster: string;
  serviceName: string;
  /** Services of a higher wave go back first. */
  wave: number;
  smoke?: string;
  ours?: ServiceDeploymentItem;
}

type Chosen = Exclude<RollbackAnswer, { kind: 'needs-revisions' | 'needs-task-definition' }>;

/** What will be done for one service, and why; printable, and the JSON of the output `plan`. */
export interface PlannedRollback {
  wanted: RollbackService;
  before: ServiceReading;
  history: DeploymentHistoryEntry[];
  means: Exclude<RollbackMeans, { kind: 'choose' }> | Chosen;
  /** What was found before any write; absent where no candidate is deployed. */
  findings?: PreflightFinding[];
}

/** Reads all services, batched by cluster, and plans each, in the order given. Only reads. */
export async function planRollbacks(
  ecs: ECSClient,
  wanted: readonly RollbackService[],
  to: RollbackTarget,
): Promise<PlannedRollback[]> {
  const byCluster = [...Map.groupBy(wanted, ({ cluster }) => cluster)];
  const planned = await Promise.all(
    byCluster.map(async ([cluster, services]) => {
      const names = services.map(({ serviceName }) => serviceName);
      const before = await readServices(ecs, cluster, names);
      before.forEach(assertActive);
      return Promise.all(
        services.flatMap((one, i) => (before[i] ? [planRollback(ecs, one, before[i], to)] : [])),
      );
    }),
  );
  const all = planned.flat();
  return wanted.flatMap((one) => all.find((plan) => plan.wanted === one) ?? []);
}

function assertActive({ serviceName, status }: ServiceReading): void {
  if (status === 'ACTIVE') return;
  throw new UserError(
    'SERVICE_NOT_ACTIVE',
    `Service "${serviceName}" is ${status}: nothing can be deployed to it.`,
  );
}

/** Plans one service: two to six calls, one more for each known-bad revision passed over. */
async function planRollback(
  ecs: ECSClient,
  wanted: RollbackService,
  before: ServiceReading,
  to: RollbackTarget,
): Promise<PlannedRollback> {
  const { cluster, serviceName, ours } = wanted;
  const history = await listServiceDeployments(ecs, { cluster, serviceName });
  const facts = new Facts(ecs);
  const goal = await findGoal(ecs, facts, { to, history, ours });
  const means = decideRollbackMeans({
    history: history.map((entry) => ({ ...entry, taskDefinitionArn: facts.taskDefinitionOf(entry) })),
    ours,
    goalTaskDefinitionArn: goal,
    named: to.kind !== 'previous',
  });
  if (means.kind !== 'choose') return { wanted, before, history, means };
  const [serviceRevisionArn] = before.currentServiceRevisionArns;
  const current = { serviceRevisionArn, taskDefinitionArn: before.taskDefinitionArn };
  return { wanted, before, history, means: await facts.answer({ to, history, current }) };
}

interface GoalQuestion {
  to: RollbackTarget;
  history: DeploymentHistoryEntry[];
  ours?: ServiceDeploymentItem;
}

/**
 * Where a rollback would have led before the newest deployment began, so that one which somebody else has
 * started is recognised. Asked only when the newest deployment may be such a rollback.
 */
async function findGoal(
  ecs: ECSClient,
  facts: Facts,
  { to, history, ours }: GoalQuestion,
): Promise<string | undefined> {
  const [newest] = history;
  if (!newest || newest.serviceDeploymentArn === ours?.serviceDeploymentArn) return undefined;
  const isUnderWay = newest.status === 'PENDING' || newest.status === 'IN_PROGRESS';
  if (!ours?.serviceDeploymentArn && !isUnderWay) return undefined;
  const current = ours?.serviceDeploymentArn ? ours : await readOrigin(ecs, facts, newest);
  if (!current) return undefined;
  await facts.readRevisions(newest.targetServiceRevisionArn ? [newest.targetServiceRevisionArn] : []);
  const answer = await facts.answer({ to, history: history.slice(1), current });
  return answer.kind === 'candidate' ? answer.taskDefinitionArn : undefined;
}

/** What the service ran when its newest deployment began. */
async function readOrigin(ecs: ECSClient, facts: Facts, { serviceDeploymentArn }: DeploymentHistoryEntry) {
  const reading = (await readServiceDeployments(ecs, [serviceDeploymentArn])).get(serviceDeploymentArn);
  const [source] = reading?.sources ?? [];
  if (!source) return undefined;
  await facts.readRevisions([source.serviceRevisionArn]);
  const taskDefinitionArn = facts.revisions.get(source.serviceRevisionArn);
  return taskDefinitionArn ? { serviceRevisionArn: source.serviceRevisionArn, taskDefinitionArn } : undefined;
}

type Question = Pick<Parameters<typeof selectRollbackCandidate>[0], 'to' | 'history' | 'current'>;

/** The facts read so far for one service; the choice asks for what it lacks, newest first. */
class Facts {
  readonly revisions = new Map<string, string | null>();
  readonly digests = new Map<string, readonly string[]>();
  readonly taskDefinitions = new Map<string, TaskDefinitionFacts>();
  readonly #ecs: ECSClient;

  constructor(ecs: ECSClient) {
    this.#ecs = ecs;
  }

  taskDefinitionOf({ targetServiceRevisionArn }: DeploymentHistoryEntry): string | undefined {
    return this.revisions.get(targetServiceRevisionArn ?? '') ?? undefined;
  }

  async answer(question: Question): Promise<Chosen> {
    for (;;) {
      const { revisions: taskDefinitionOf, taskDefinitions, digests: digestsOf } = this;
      const facts = { taskDefinitionOf, taskDefinitions, digestsOf };
      const answer = selectRollbackCandidate({ ...question, ...facts });
      if (answer.kind === 'needs-revisions') await this.readRevisions(answer.serviceRevisionArns);
      else if (answer.kind === 'needs-task-definition') await this.#readTaskDefinition(answer.taskDefinition);
      else return answer;
    }
  }

  async readRevisions(arns: string[]): Promise<void> {
    const found = await readServiceRevisions(this.#ecs, arns);
    for (const arn of arns) {
      this.revisions.set(arn, found.get(arn)?.taskDefinitionArn ?? null);
      const images = found.get(arn)?.images ?? [];
      this.digests.set(
        arn,
        images.flatMap(({ digest }) => digest ?? []),
      );
    }
  }

  async #readTaskDefinition(name: string): Promise<void> {
    const found = await tryTaskDefinition(this.#ecs, name);
    this.taskDefinitions.set(name, {
      taskDefinitionArn: found?.taskDefinitionArn ?? name,
      status: found?.status ?? 'MISSING',
      knownBad: found?.tags[KNOWN_BAD_TAG],
      commit: found?.tags['git-sha'],
    });
  }
}
