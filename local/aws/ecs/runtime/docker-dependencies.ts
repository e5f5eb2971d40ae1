import type { ContainerCondition, ContainerDefinition } from '@aws-sdk/client-ecs';

/** One thing a container waits for before it is started. */
export interface Dependency {
  container: string;
  condition: ContainerCondition;
  /** Milliseconds the awaited container has to get there; absent: as long as it takes. */
  timeoutMs?: number;
}

/** Lists what a container waits for; the time-out is the awaited container's `startTimeout`. */
export function dependenciesOf(
  container: ContainerDefinition,
  all: readonly ContainerDefinition[],
): Dependency[] {
  return (container.dependsOn ?? []).map(({ containerName, condition }) => {
    const startTimeout = all.find((one) => one.name === containerName)?.startTimeout;
    return {
      container: containerName ?? '',
      condition: condition ?? 'START',
      ...(startTimeout ? { timeoutMs: startTimeout * 1000 } : {}),
    };
  });
}

/** Names the containers that wait for this one: they are stopped before it. */
export function dependentsOf(name: string, all: readonly ContainerDefinition[]): string[] {
  return all
    .filter((one) => one.dependsOn?.some((dependency) => dependency.containerName === name))
    .map((one) => one.name ?? '');
}

/**
 * Words why a container cannot be started because of one it waits for.
 * Source: amazon-ecs-agent, agent/engine/dependencygraph/graph.go (read 2026-11).
 */
export function dependencyReason(
  target: string,
  dependency: Dependency,
  fault: 'timed-out' | 'failed',
): string {
  return fault === 'timed-out'
    ? `dependency graph: container ordering dependency [${dependency.container}] for target [${target}] has timed out.`
    : `dependency graph: failed to resolve container ordering dependency [${dependency.container}] for target [${target}] as dependency did not exit successfully.`;
}
