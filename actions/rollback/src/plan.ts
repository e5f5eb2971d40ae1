import { type ECSClient, ListTaskDefinitionFamiliesCommand } from '@aws-sdk/client-ecs';
import type { DeploymentHistoryEntry, ServiceReading } from '../../core/src/decide/deployment-reading.ts';
import type { PreflightFinding } from '../../core/src/decide/preflight-finding.ts';
import { decideRollbackMeans, type RollbackMeans } from '../../core/src/decide/rollback-means.ts';
import type { RollbackTarget } from '../../core/src/decide/rollback-target.ts';
import type { ServiceDeploymentItem } from '../../core/src/deployments-json.ts';
import { familyOf, tryServiceOf } from '../../core/src/ecs/arn.ts';
import { assertDeployedByEcs, readServices } from '../../core/src/ecs/service.ts';
import { listServiceDeployments, readServiceDeployments } from '../../core/src/ecs/service-deployment.ts';
import { UserError } from '../../core/src/errors.ts';
import { renderNearMatches } from '../../core/src/near-match.ts';
import type { CommitsAway } from './commits-away.ts';
import { type Chosen, Facts } from './facts.ts';

/** A service to roll back; `ours` is what this run did to it, absent when a person asks. */
export interface RollbackService {
  service: string;
  cluster: string;
  serviceName: string;
  /** Services of a higher wave go back first. */
  wave: number;
  smoke?: string;
  /** The manifest gives it a migration. */
  migrates?: boolean;
  ours?: ServiceDeploymentItem;
}

export type Candidate = Extract<Chosen, { kind: 'candidate' }>;

/** `next`: what is deployed after a deployment under way has been turned back, where that leads elsewhere. */
type Means = Exclude<RollbackMeans, { kind: 'choose' }> | Chosen;

/** What will be done for one service, and why; printable, and the JSON of the output `plan`. */
export interface PlannedRollback {
  wanted: RollbackService;
  before: ServiceReading;
  history: DeploymentHistoryEntry[];
  means: Means & { next?: Candidate };
  /** What was read on the way; for what is looked at next. */
  facts: Facts;
  /** Task definitions left and gone back to, where something moves. */
  leaving?: string;
  target?: string;
  /** What was found before any write; absent where no candidate is deployed. */
  findings?: PreflightFinding[];
  /** Images to pin in a copy of the candidate, `repository@sha256:…` by container. */
  pins?: Readonly<Record<string, string>>;
  /** How it goes and how long that may take, in words. */
  path?: string;
  commits?: CommitsAway;
}

/** What is asked: `askedAt` (epoch milliseconds) is when. */
export interface RollbackRequest {
  to: RollbackTarget;
  askedAt: number;
}

/** The candidate that will be deployed, at once or after a deployment under way is turned back. */
export function candidateOf({ means }: PlannedRollback): Candidate | undefined {
  return means.kind === 'candidate' ? means : means.next;
}

/** Reads all services, batched by cluster, and plans each, in the order given. Only reads. */
export async function planRollbacks(
  ecs: ECSClient,
  wanted: readonly RollbackService[],
  request: RollbackRequest,
): Promise<PlannedRollback[]> {
  const byCluster = [...Map.groupBy(wanted, ({ cluster }) => cluster)];
  const planned = await Promise.all(
    byCluster.map(async ([cluster, services]) => {
      const names = services.map(({ serviceName }) => serviceName);
      const before = await readServices(ecs, cluster, names);
      for (const reading of before) {
        assertDeployedByEcs(reading);
        assertOwn(reading, request.to);
      }
      return Promise.all(
        services.flatMap((one, i) => (before[i] ? [planRollback(ecs, one, before[i], request)] : [])),
      );
    }),
  );
  const all = planned.flat();
  return wanted.flatMap((one) => all.find((plan) => plan.wanted === one) ?? []);
}

function assertOwn({ serviceName }: ServiceReading, to: RollbackTarget): void {
  const owner = to.kind === 'service-revision' ? tryServiceOf(to.arn)?.serviceName : undefined;
  if (owner !== undefined && owner !== serviceName) {
    const message = `"to" is a revision of service "${owner}", not of "${serviceName}": give one of its own.`;
    throw new UserError('INPUT_CONTRADICTION', message);
  }
}

/** Plans one service: two to six calls, one more for each twenty successes and each revision passed over. */
async function planRollback(
  ecs: ECSClient,
  wanted: RollbackService,
  before: ServiceReading,
  { to, askedAt }: RollbackRequest,
): Promise<PlannedRollback> {
  const { cluster, serviceName, ours } = wanted;
  const history = await listServiceDeployments(ecs, { cluster, serviceName });
  const facts = new Facts(ecs);
  const base = { wanted, before, history, facts };
  const goal = await findGoal(ecs, facts, { to, history, ours });
  const means = decideRollbackMeans({
    history: history.map((entry) => ({ ...entry, taskDefinitionArn: facts.taskDefinitionOf(entry) })),
    ours,
    goalTaskDefinitionArn: goal,
    named: to.kind !== 'previous',
  });
  if (means.kind === 'stop') return { ...base, ...(await planStop(ecs, base, means, to)) };
  if (means.kind === 'follow') return { ...base, means, ...(await readLeftByEcs(base)) };
  if (means.kind !== 'choose') return { ...base, means };
  const [serviceRevisionArn] = before.currentServiceRevisionArns;
  const current = { serviceRevisionArn, taskDefinitionArn: before.taskDefinitionArn };
  const asked = ours ? {} : { askedAt };
  const chosen = await facts.answer({ to, history, current, ...asked });
  if (chosen.kind === 'none')
    return { ...base, means: { ...chosen, why: chosen.why + (await nearFamilies(ecs, to, chosen.why)) } };
  if (chosen.kind !== 'candidate') return { ...base, means: chosen };
  return { ...base, means: chosen, leaving: before.taskDefinitionArn, target: chosen.taskDefinitionArn };
}

type Stop = Extract<RollbackMeans, { kind: 'stop' }>;

/** Turned back, a deployment leads to where it came from: elsewhere than asked for, and more must follow. */
async function planStop(
  ecs: ECSClient,
  { history, facts, before }: Pick<PlannedRollback, 'history' | 'facts' | 'before'>,
  means: Stop,
  to: RollbackTarget,
): Promise<Pick<PlannedRollback, 'means' | 'leaving' | 'target'>> {
  const [newest] = history;
  const origin = newest && (await readOrigin(ecs, facts, newest));
  const hasSucceeded = history.some(({ status }) => status === 'SUCCESSFUL');
  if (!origin && !hasSucceeded) {
    const why = 'its first deployment is under way, and ECS has nothing to go back to';
    return { means: { kind: 'none', why, skipped: [] } };
  }
  const leaving = before.taskDefinitionArn;
  if (to.kind === 'previous' || !origin) return { means, leaving, target: origin?.taskDefinitionArn };
  const next = await facts.answer({ to, history: history.slice(1), current: origin });
  if (next.kind === 'none') return { means: next };
  if (next.kind === 'current') return { means, leaving, target: origin.taskDefinitionArn };
  return { means: { ...means, next }, leaving, target: next.taskDefinitionArn };
}

/** What ECS leaves, or has left, by itself; nothing where it follows somebody's deployment forward. */
async function readLeftByEcs({
  history,
  facts,
  before,
}: Pick<PlannedRollback, 'history' | 'facts' | 'before'>): Promise<
  Pick<PlannedRollback, 'leaving' | 'target'>
> {
  const [newest] = history;
  if (!newest?.targetServiceRevisionArn || !newest.status.startsWith('ROLLBACK_')) return {};
  await facts.readRevisions([newest.targetServiceRevisionArn]);
  const leaving = facts.taskDefinitionOf(newest);
  const target = before.taskDefinitionArn;
  return leaving && leaving !== target ? { leaving, target } : {};
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
  if (answer.kind !== 'candidate') return undefined;
  return sameOrCopy(facts, answer.taskDefinitionArn, newest);
}

/** A copy of the goal, registered because the goal is INACTIVE or its tag moved, is the goal. */
async function sameOrCopy(facts: Facts, goal: string, newest: DeploymentHistoryEntry): Promise<string> {
  const running = facts.taskDefinitionOf(newest);
  if (!running || running === goal || familyOf(running) !== familyOf(goal)) return goal;
  const { copiedFrom } = await facts.describe(running);
  return copiedFrom === goal ? running : goal;
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

/** Names near a family that does not exist; nothing where listing is not allowed, as they only help a message. */
async function nearFamilies(ecs: ECSClient, to: RollbackTarget, why: string): Promise<string> {
  if (to.kind !== 'task-definition' || !why.endsWith('does not exist')) return '';
  const listing = new ListTaskDefinitionFamiliesCommand({ status: 'ACTIVE', maxResults: 100 });
  const families = await ecs.send(listing).then(
    (answer) => answer.families ?? [],
    (): string[] => [],
  );
  const family = familyOf(to.name);
  return families.includes(family)
    ? `; the family "${family}" exists`
    : `.${renderNearMatches(family, families)}`;
}
