import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { AwsFault } from '../../fault.ts';

const FAMILY = /^[a-zA-Z0-9_-]{1,255}$/;
const CONTAINER_NAME = /^[a-zA-Z0-9_-]{1,255}$/;

/** Source: ECS API, ContainerDefinition.stopTimeout. */
const LONGEST_FARGATE_STOP_S = 120;
const GIB = 1024;
const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);

/** Memory in MiB that Fargate offers for each number of CPU units. Source: ECS guide, Fargate task size. */
const FARGATE_SIZES: Readonly<Record<string, readonly number[]>> = {
  256: [512, GIB, 2 * GIB],
  512: range(GIB, 4 * GIB, GIB),
  1024: range(2 * GIB, 8 * GIB, GIB),
  2048: range(4 * GIB, 16 * GIB, GIB),
  4096: range(8 * GIB, 30 * GIB, GIB),
  8192: range(16 * GIB, 60 * GIB, 4 * GIB),
  16384: range(32 * GIB, 120 * GIB, 8 * GIB),
};

/** Refuses what RegisterTaskDefinition refuses, before anything is kept. Throws a ClientException. */
export function assertTaskDefinition(input: RegisterTaskDefinitionCommandInput): void {
  const containers = input.containerDefinitions ?? [];
  if (!FAMILY.test(input.family ?? '')) throw refuse('Family contains invalid characters.');
  if (containers.length === 0) throw refuse('Container list cannot be empty.');
  const names = containers.map(({ name = '' }) => name);
  for (const container of containers) assertContainer(container, names);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refuse(`Container name '${twice}' is used more than once.`);
  if (!containers.some(({ essential }) => essential ?? true)) {
    throw refuse('At least one container must be essential.');
  }
  assertNoCycle(containers);
  assertMemory(input, containers);
  if (input.requiresCompatibilities?.includes('FARGATE')) assertFargate(input, containers);
}

function assertContainer(container: ContainerDefinition, names: readonly string[]): void {
  const { name = '', image = '', dependsOn = [], healthCheck, stopTimeout, portMappings = [] } = container;
  if (!CONTAINER_NAME.test(name)) throw refuse('Container.name contains invalid characters.');
  if (image === '') throw refuse('Container.image should not be null or empty.');
  if (/\s/.test(image)) throw refuse(`Container.image '${image}' contains invalid characters.`);
  for (const { containerPort = 0 } of portMappings) {
    if (containerPort < 1 || containerPort > 65_535) {
      throw refuse(`Invalid 'containerPort' setting for container '${name}': ${containerPort}.`);
    }
  }
  for (const dependency of dependsOn) {
    if (!names.includes(dependency.containerName ?? '')) {
      throw refuse(`Container '${name}' depends on unknown container '${dependency.containerName}'.`);
    }
  }
  if (stopTimeout !== undefined && stopTimeout < 0) {
    throw refuse(`Invalid 'stopTimeout' setting for container '${name}'.`);
  }
  if (healthCheck !== undefined) assertHealthCheck(name, healthCheck);
}

const HEALTH_CHECK_RANGES = [
  ['interval', 5, 300],
  ['timeout', 2, 60],
  ['retries', 1, 10],
  ['startPeriod', 0, 300],
] as const;

function assertHealthCheck(name: string, check: NonNullable<ContainerDefinition['healthCheck']>): void {
  const [kind] = check.command ?? [];
  if (kind !== 'CMD' && kind !== 'CMD-SHELL' && kind !== 'NONE') {
    throw refuse(`Health check command of container '${name}' must start with CMD or CMD-SHELL.`);
  }
  for (const [key, least, most] of HEALTH_CHECK_RANGES) {
    const value = check[key];
    if (value !== undefined && (value < least || value > most)) {
      throw refuse(`Health check ${key} of container '${name}' must be between ${least} and ${most}.`);
    }
  }
}

function assertNoCycle(containers: readonly ContainerDefinition[]): void {
  const needs = new Map(containers.map(({ name, dependsOn = [] }) => [name, dependsOn]));
  const done = new Set<string | undefined>();
  const visit = (name: string | undefined, path: readonly (string | undefined)[]): void => {
    if (path.includes(name)) throw refuse('Container dependencies contain a cycle.');
    if (done.has(name)) return;
    for (const { containerName, condition } of needs.get(name) ?? []) {
      assertCondition(containers, containerName, condition);
      visit(containerName, [...path, name]);
    }
    done.add(name);
  };
  for (const { name } of containers) visit(name, []);
}

function assertCondition(
  containers: readonly ContainerDefinition[],
  name: string | undefined,
  condition: string | undefined,
): void {
  const dependency = containers.find((container) => container.name === name);
  const isEssential = dependency?.essential ?? true;
  if (isEssential && (condition === 'COMPLETE' || condition === 'SUCCESS')) {
    throw refuse(`Container '${name}' is essential and cannot be waited for with ${condition}.`);
  }
  if (condition === 'HEALTHY' && dependency?.healthCheck === undefined) {
    throw refuse(`Container '${name}' needs a health check to be waited for with HEALTHY.`);
  }
}

function assertMemory(
  input: RegisterTaskDefinitionCommandInput,
  containers: readonly ContainerDefinition[],
): void {
  if (input.memory !== undefined) return;
  const without = containers.find(
    ({ memory, memoryReservation }) => memory === undefined && memoryReservation === undefined,
  );
  if (without === undefined || input.requiresCompatibilities?.includes('FARGATE')) return;
  throw refuse(
    `Invalid setting for container '${without.name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
  );
}

function assertFargate(
  input: RegisterTaskDefinitionCommandInput,
  containers: readonly ContainerDefinition[],
): void {
  const { cpu, memory, networkMode, executionRoleArn } = input;
  if (networkMode !== 'awsvpc') throw refuse('Fargate only supports network mode ‘awsvpc’.');
  if (cpu === undefined || memory === undefined) {
    throw refuse("Fargate requires that 'cpu' be defined at the task level.");
  }
  if (!FARGATE_SIZES[cpuUnits(cpu)]?.includes(memoryMiB(memory))) {
    throw refuse('No Fargate configuration exists for given values.');
  }
  const patient = containers.find(({ stopTimeout = 0 }) => stopTimeout > LONGEST_FARGATE_STOP_S);
  if (patient !== undefined) {
    throw refuse(
      `Invalid 'stopTimeout' setting for container '${patient.name}': Fargate allows ${LONGEST_FARGATE_STOP_S} seconds at most.`,
    );
  }
  const needsRole = containers.find(
    ({ secrets = [], logConfiguration }) => secrets.length > 0 || logConfiguration?.logDriver === 'awslogs',
  );
  if (needsRole !== undefined && executionRoleArn === undefined) {
    const why = (needsRole.secrets ?? []).length > 0 ? 'secrets' : 'log driver awslogs';
    throw refuse(`Fargate requires task definition to have execution role ARN to support ${why}.`);
  }
}

/** `256`, `.25 vCPU` and `1 vcpu` in CPU units. */
function cpuUnits(cpu: string): number {
  const match = /^([\d.]+)\s*vcpu$/i.exec(cpu.trim());
  return match === null ? Number(cpu) : Number(match[1]) * 1024;
}

/** `512`, `0.5GB` and `1 GB` in MiB. */
function memoryMiB(memory: string): number {
  const match = /^([\d.]+)\s*gb$/i.exec(memory.trim());
  return match === null ? Number(memory) : Number(match[1]) * GIB;
}

function refuse(message: string): AwsFault {
  return new AwsFault('ClientException', message);
}
