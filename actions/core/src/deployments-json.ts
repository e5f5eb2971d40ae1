import { tryServiceOf } from './ecs/arn.ts';

/**
 * What `deploy-service` says about one service, and what `wait-for-stable`, `smoke-test` and `rollback` take:
 * one element of the JSON list `deployments`, which is in `needs` order.
 */
export interface ServiceDeploymentItem {
  /** The service's key in the manifest, or the ECS service's name. */
  service: string;
  /** Cluster ARN, or its name. */
  cluster: string;
  /** The ECS service's name. */
  serviceName: string;
  /** `null`: the service already ran this content, or ECS never showed the deployment (`changed` tells which). */
  serviceDeploymentArn: string | null;
  taskDefinitionArn: string;
  /** What the service ran before; what `rollback` compares with. */
  previousTaskDefinitionArn?: string;
  previousServiceRevisionArn?: string;
  changed: boolean;
  /** 0 for the services that need no other of this run, 1 for those that need these, and so on. */
  wave?: number;
  /** Desired count before the update. */
  desiredCountBefore?: number;
  /** The commit this run deploys. */
  commit?: string;
  /** Path of the smoke file. */
  smoke?: string;
}

/** The shape in words, for the message about a wrong input. */
export const DEPLOYMENTS_SHAPE =
  'the JSON list that deploy-service gives as its output "deployments": [{ "service", "cluster", "serviceName", "serviceDeploymentArn", "taskDefinitionArn", "changed" }]';

/** Tells whether a value has that shape; a deployment's ARN must belong to the service it is listed under. */
export function isDeploymentItems(value: unknown): value is ServiceDeploymentItem[] {
  return Array.isArray(value) && value.every(isItem);
}

function isItem(value: unknown): value is ServiceDeploymentItem {
  if (typeof value !== 'object' || value === null) return false;
  const item: Partial<Record<keyof ServiceDeploymentItem, unknown>> = value;
  const texts = [item.service, item.cluster, item.serviceName, item.taskDefinitionArn];
  if (!texts.every((text) => typeof text === 'string') || typeof item.changed !== 'boolean') return false;
  if (item.serviceDeploymentArn === null) return true;
  if (typeof item.serviceDeploymentArn !== 'string') return false;
  return tryServiceOf(item.serviceDeploymentArn)?.serviceName === item.serviceName;
}

/** The region in the ARNs of the list, if any has one. */
export function tryRegionOf(items: readonly ServiceDeploymentItem[]): string | undefined {
  const arns = items.flatMap(({ serviceDeploymentArn, taskDefinitionArn }) => [
    serviceDeploymentArn ?? '',
    taskDefinitionArn,
  ]);
  return arns.map((arn) => arn.split(':')[3]).find((region) => region !== undefined && region !== '');
}
