import type { TaskDefinitionDocument } from '../../core/src/decide/task-definition-content.ts';
import { UserError } from '../../core/src/errors.ts';
import { renderNearMatches } from '../../core/src/near-match.ts';

/** What goes into a template: images by container name, and variables for those containers. */
export interface Filling {
  readonly images: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

type Container = Readonly<Record<string, unknown>>;

/**
 * Fills a task definition. Fields this code does not know are kept, lists keep their order, and the argument is not
 * changed. Throws `TASK_DEFINITION_NO_CONTAINER` when an image is for a container it lacks. `source` names it there.
 */
export function fillTaskDefinition(
  document: TaskDefinitionDocument,
  { images, variables }: Filling,
  source: string,
): TaskDefinitionDocument {
  const containers = (document.containerDefinitions ?? []) as readonly Container[];
  assertContainers(Object.keys(images), containers, source);
  const filled = containers.map((container) => {
    const image = images[String(container.name)];
    if (image === undefined) return container;
    const environment = withVariables(container.environment, variables);
    return { ...container, image, ...(environment.length > 0 ? { environment } : {}) };
  });
  return { ...document, containerDefinitions: filled };
}

function assertContainers(names: readonly string[], containers: readonly Container[], source: string): void {
  const known = containers.map((container) => String(container.name));
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const lines = unknown.map(
    (name) => `${source} has no container "${name}".${renderNearMatches(name, known)}`,
  );
  throw new UserError('TASK_DEFINITION_NO_CONTAINER', lines.join('\n'));
}

/** Replaced where the name is there, added at the end where it is not. */
function withVariables(
  environment: unknown,
  variables: Readonly<Record<string, string>>,
): Record<string, unknown>[] {
  const before = Array.isArray(environment) ? (environment as Record<string, unknown>[]) : [];
  const replaced = before.map((entry) => {
    const value = variables[String(entry.name)];
    return value === undefined ? entry : { ...entry, value };
  });
  const present = new Set(before.map(({ name }) => name));
  const added = Object.entries(variables).filter(([name]) => !present.has(name));
  return [...replaced, ...added.map(([name, value]) => ({ name, value }))];
}
