import {
  type DeploymentConfiguration,
  type ECSClient,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import type { Clock } from '../clock.ts';
import type { DeploymentHistoryEntry, ServiceReading } from '../decide/deployment-reading.ts';
import { AmbiguousWrite, sendOnce } from './send-once.ts';
import { readServices } from './service.ts';
import { listServiceDeployments } from './service-deployment.ts';
import { readServiceRevisions } from './service-revision.ts';

/** One update, with what was there before it, so that what it brings about can be told from everything else. */
export interface ServiceUpdate {
  before: ServiceReading;
  /** The deployments known before; at least the newest. */
  historyBefore: readonly DeploymentHistoryEntry[];
  taskDefinitionArn: string;
  /** Make a deployment even when nothing changes. */
  force: boolean;
  /** Settings of the deployment that the user wrote; ECS keeps what is not in it. */
  configuration?: DeploymentConfiguration | undefined;
  /** Settings of the service beside its task definition that go with it, in the words of UpdateService. */
  scope?: Partial<Omit<UpdateServiceCommandInput, 'cluster' | 'service' | 'desiredCount'>> | undefined;
}

/** The deployment the update made; `none`: ECS made none; `unseen`: it made one that never came to sight. */
export type UpdateOutcome =
  | { kind: 'deployment'; serviceDeploymentArn: string; serviceRevisionArn: string }
  | { kind: 'none' }
  | { kind: 'unseen' };

/** ECS is eventually consistent: a new service deployment may take this long to be listed. */
const VISIBLE_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 1_000;
/** After a lost answer: how often, and how far apart, is read back before the write counts as not carried out. */
const READ_BACKS = 5;
const READ_BACK_MS = 2_000;

/**
 * Sets a service's task definition and finds the service deployment that this made.
 *
 * Sends the task definition and, if asked for, the force flag and the deployment settings that the user wrote:
 * nothing else of the service is touched, never its desired count. One
 * write; when its answer is lost, the service is read back, and only an update that was not carried out is
 * sent once more. Costs three calls when all goes well. The runner's clock is compared with nothing.
 */
export async function applyServiceUpdate(
  ecs: ECSClient,
  update: ServiceUpdate,
  { clock, signal }: { clock: Clock; signal?: AbortSignal },
): Promise<UpdateOutcome> {
  const primaryId = await sendUpdate(ecs, update).catch(async (error: unknown) => {
    if (!(error instanceof AmbiguousWrite)) throw error;
    return (await isCarriedOut(ecs, update, clock)) ? undefined : sendUpdate(ecs, update);
  });
  if (primaryId !== undefined && primaryId === update.before.primaryDeploymentId) return { kind: 'none' };
  return findDeployment(ecs, update, { clock, signal });
}

async function sendUpdate(ecs: ECSClient, update: ServiceUpdate): Promise<string | undefined> {
  const command = new UpdateServiceCommand({
    ...update.scope,
    cluster: update.before.clusterArn,
    service: update.before.serviceName,
    taskDefinition: update.taskDefinitionArn,
    ...(update.force ? { forceNewDeployment: true } : {}),
    ...(update.configuration ? { deploymentConfiguration: update.configuration } : {}),
  });
  const answer = await sendOnce(command, (c) => ecs.send(c));
  const primary = answer.service?.deployments?.find(({ status }) => status === 'PRIMARY');
  return primary?.id ?? (await readPrimaryId(ecs, update));
}

async function readPrimaryId(ecs: ECSClient, { before }: ServiceUpdate): Promise<string | undefined> {
  const [service] = await readServices(ecs, before.clusterArn, [before.serviceName]);
  return service?.primaryDeploymentId;
}

/**
 * Looks a few times whether a lost update shows: in the service, or in the history, where it stays also when ECS has
 * gone back from it meanwhile.
 */
async function isCarriedOut(ecs: ECSClient, update: ServiceUpdate, clock: Clock): Promise<boolean> {
  const { before, taskDefinitionArn } = update;
  for (let reading = 0; reading < READ_BACKS; reading++) {
    const [service] = await readServices(ecs, before.clusterArn, [before.serviceName]);
    const hasMoved = service?.primaryDeploymentId !== before.primaryDeploymentId;
    if (hasMoved && service?.taskDefinitionArn === taskDefinitionArn) return true;
    if (await readOurs(ecs, update)) return true;
    await clock.sleep(READ_BACK_MS);
  }
  return false;
}

/** Waits until the deployment that the update made is listed. */
async function findDeployment(
  ecs: ECSClient,
  update: ServiceUpdate,
  { clock, signal }: { clock: Clock; signal?: AbortSignal },
): Promise<UpdateOutcome> {
  const until = clock.now() + VISIBLE_WITHIN_MS;
  while (!signal?.aborted) {
    const found = await readOurs(ecs, update);
    if (found) return { kind: 'deployment', ...found };
    if (clock.now() >= until) break;
    await clock.sleep(LOOK_AGAIN_MS, signal);
  }
  return { kind: 'unseen' };
}

/** The newest deployment that was not there before and whose target carries our task definition. */
async function readOurs(ecs: ECSClient, { before, historyBefore, taskDefinitionArn }: ServiceUpdate) {
  const { clusterArn: cluster, serviceName } = before;
  const known = new Set(historyBefore.map(({ serviceDeploymentArn }) => serviceDeploymentArn));
  const createdAfter = historyBefore.at(0)?.createdAt;
  const listed = await listServiceDeployments(ecs, { cluster, serviceName }, { createdAfter });
  const fresh = listed.filter(({ serviceDeploymentArn }) => !known.has(serviceDeploymentArn));
  const revisionArns = fresh.flatMap(({ targetServiceRevisionArn }) => targetServiceRevisionArn ?? []);
  const revisions = await readServiceRevisions(ecs, revisionArns);
  const ours = fresh.find(
    ({ targetServiceRevisionArn }) =>
      revisions.get(targetServiceRevisionArn ?? '')?.taskDefinitionArn === taskDefinitionArn,
  );
  if (!ours?.targetServiceRevisionArn) return undefined;
  const { serviceDeploymentArn, targetServiceRevisionArn: serviceRevisionArn } = ours;
  return { serviceDeploymentArn, serviceRevisionArn };
}
