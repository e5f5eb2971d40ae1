/** A task definition as JSON: what RegisterTaskDefinition takes, or what DescribeTaskDefinition gives. */
export type TaskDefinitionDocument = Readonly<Record<string, unknown>>;

/** What DescribeTaskDefinition returns but RegisterTaskDefinition does not take. */
const READ_ONLY = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'deregisteredAt',
  'deleteRequestedAt',
  'registeredBy',
] as const;

/** Lists whose order ECS does not keep, or does not give a meaning. */
const UNORDERED: Readonly<Record<string, string>> = {
  environment: 'name',
  secrets: 'name',
  secretOptions: 'name',
  requiresCompatibilities: '',
};

/** Gives the document without the fields that only ECS writes; fields this code does not know are kept. */
export function registrable(document: TaskDefinitionDocument): Record<string, unknown> {
  const readOnly = new Set<string>(READ_ONLY);
  return Object.fromEntries(Object.entries(document).filter(([key]) => !readOnly.has(key)));
}

/**
 * Tells whether two task definitions would run the same: equal after the defaults that ECS fills in.
 *
 * Tags are no content. Empty lists and objects equal absent ones; `environment`, `secrets` and the like are
 * compared without order; vCPU and GB are compared as units and MiB.
 * Source: RegisterTaskDefinition (read 2026-11) and what Terraform's provider treats as equivalent
 * (hashicorp/terraform-provider-aws, internal/service/ecs/task_definition_equivalency.go).
 */
export function hasSameContent(one: TaskDefinitionDocument, other: TaskDefinitionDocument): boolean {
  return JSON.stringify(normalise(one)) === JSON.stringify(normalise(other));
}

/** The content as it is compared: defaults filled in, keys sorted, nothing empty, no tags. */
export function normalise(document: TaskDefinitionDocument): unknown {
  const { tags: _tags, containerDefinitions, ...rest } = registrable(document);
  const awsvpc = rest.networkMode === 'awsvpc';
  const containers = Array.isArray(containerDefinitions) ? containerDefinitions.filter(isRecord) : [];
  return canonical({
    ...rest,
    networkMode: rest.networkMode ?? 'bridge',
    cpu: sizeOf(rest.cpu, 'vcpu'),
    memory: sizeOf(rest.memory, 'gb'),
    containerDefinitions: containers.map((container) => withDefaults(container, awsvpc)),
  });
}

function withDefaults(container: Record<string, unknown>, awsvpc: boolean): Record<string, unknown> {
  const { portMappings, healthCheck } = container;
  return {
    ...container,
    essential: container.essential ?? true,
    cpu: container.cpu ?? 0,
    ...(Array.isArray(portMappings)
      ? { portMappings: portMappings.filter(isRecord).map((mapping) => mappingWithDefaults(mapping, awsvpc)) }
      : {}),
    ...(isRecord(healthCheck)
      ? { healthCheck: { interval: 30, timeout: 5, retries: 3, ...healthCheck } }
      : {}),
  };
}

function mappingWithDefaults(mapping: Record<string, unknown>, awsvpc: boolean): Record<string, unknown> {
  const hostPort = mapping.hostPort ?? (awsvpc ? mapping.containerPort : 0);
  return { ...mapping, protocol: mapping.protocol ?? 'tcp', hostPort };
}

/** `1 vCPU` as `1024`, `0.5 GB` as `512`; a plain number as its text. */
function sizeOf(value: unknown, unit: 'vcpu' | 'gb'): unknown {
  if (value === undefined || value === null) return undefined;
  const text = String(value).trim().toLowerCase();
  const match = /^([\d.]+) ?(vcpu|gb)$/.exec(text);
  return match?.[2] === unit ? String(Math.round(Number(match[1]) * 1024)) : text;
}

/** Sorted keys, no empty values, unordered lists sorted: equal content gives equal JSON. */
function canonical(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item)).filter((item) => item !== undefined);
    if (items.length === 0) return undefined;
    return key in UNORDERED ? items.sort((a, b) => compareBy(UNORDERED[key] ?? '', a, b)) : items;
  }
  if (!isRecord(value)) return value ?? undefined;
  const entries = Object.keys(value)
    .sort()
    .map((name) => [name, canonical(value[name], name)] as const)
    .filter(([, item]) => item !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function compareBy(field: string, a: unknown, b: unknown): number {
  const sortKey = (item: unknown) => (isRecord(item) ? String(item[field]) : String(item));
  const [left, right] = [sortKey(a), sortKey(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
