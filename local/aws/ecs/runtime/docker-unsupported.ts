import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs';

const containerFields: readonly [field: keyof ContainerDefinition, instead: string][] = [
  ['environmentFiles', 'write the variables into environment'],
  ['repositoryCredentials', 'push the image to the local registry'],
  ['firelensConfiguration', 'use the awslogs log driver'],
  ['resourceRequirements', 'leave GPUs out'],
  ['systemControls', 'leave kernel settings out'],
  ['volumesFrom', 'name a volume in both containers'],
  ['restartPolicy', 'let the service replace the task'],
];

/** Options of the awslogs driver that are understood; `mode` and its buffer are accepted, nothing is ever dropped. */
const awslogsOptions = new Set([
  'awslogs-group',
  'awslogs-region',
  'awslogs-stream-prefix',
  'awslogs-create-group',
  'mode',
  'max-buffer-size',
]);

/**
 * Names what a task definition asks for that containers of the local AWS would silently not get, each as
 * `field of container "name" (what to do instead)`. Empty: everything asked for is carried out.
 */
export function unsupportedFields(definition: TaskDefinition): string[] {
  const containers = definition.containerDefinitions ?? [];
  return [...containers.flatMap(unsupportedOfContainer), ...unsupportedVolumes(definition)];
}

function unsupportedOfContainer(container: ContainerDefinition): string[] {
  const where = `of container "${container.name}"`;
  return [
    ...containerFields
      .filter(([field]) => isSet(container[field]))
      .map(([field, instead]) => `${field} ${where} (${instead})`),
    ...(container.privileged ? [`privileged ${where} (Fargate refuses it too)`] : []),
    ...(container.portMappings ?? [])
      .filter((mapping) => mapping.containerPortRange)
      .map(() => `containerPortRange ${where} (list the ports)`),
    ...unsupportedLogging(container, where),
  ];
}

function unsupportedLogging(container: ContainerDefinition, where: string): string[] {
  const logging = container.logConfiguration;
  if (!logging) return [];
  if (logging.logDriver !== 'awslogs') return [`log driver ${logging.logDriver} ${where} (use awslogs)`];
  return Object.keys(logging.options ?? {})
    .filter((option) => !awslogsOptions.has(option))
    .map((option) => `log option ${option} ${where} (leave it out)`);
}

function unsupportedVolumes(definition: TaskDefinition): string[] {
  return (definition.volumes ?? [])
    .filter((volume) => volume.host?.sourcePath || volume.efsVolumeConfiguration || volume.configuredAtLaunch)
    .map((volume) => `volume "${volume.name}" (only volumes that live and die with the task are there)`);
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return (value as { enabled?: boolean }).enabled !== false;
  return value !== undefined;
}
