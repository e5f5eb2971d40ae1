import { registrable, type TaskDefinitionDocument } from '../../core/src/decide/task-definition-content.ts';
import { type Fault, faultsError, type Place } from '../../core/src/errors.ts';
import { renderNearMatches } from '../../core/src/near-match.ts';
import type { YamlPath } from '../../core/src/yaml-document.ts';
import { checkShape, type ShapeFault } from './check.ts';
import { mergeOverrides } from './merge.ts';
import type { Overrides } from './overrides.ts';
import { ENUMS, TASK_DEFINITION } from './task-definition-shape.ts';
import type { Template } from './template.ts';
import { withTexts } from './texts.ts';

/** A template with its overrides in it; `stripped` are the fields taken out because only ECS writes them. */
export interface Prepared {
  readonly document: Readonly<Record<string, unknown>>;
  readonly stripped: readonly string[];
}

/** Where a task definition comes from, for places and messages. */
export interface Origin {
  /** The template's name, as the user gave it. */
  readonly source: string;
  readonly template: Template;
  readonly overrides: Overrides | undefined;
}

/** Puts the overrides into the template. Throws `INPUT_INVALID` with the places of what cannot be put in. */
export function prepareTaskDefinition({ template, overrides }: Origin): Prepared {
  const { document, text } = template;
  const sourceOf = (path: YamlPath) => text?.document.sourceOf([...text.at, ...path]);
  const texts = withTexts(document, TASK_DEFINITION, sourceOf) as TaskDefinitionDocument;
  const own = registrable(texts);
  const stripped = Object.keys(document).filter((key) => !(key in own) && document[key] !== undefined);
  if (!overrides) return { document: own, stripped };
  const faults: Fault[] = [];
  const at = (path: YamlPath): YamlPath => [...overrides.at, ...path];
  const merged = mergeOverrides(own, overrides.value, TASK_DEFINITION, {
    sourceOf: (path) => overrides.document.sourceOf(at(path)),
    fault: (path, message) =>
      faults.push({
        message: `${path.join('.')}: ${message}`,
        place: overrides.document.placeOfKey(at(path)),
      }),
  });
  if (faults.length > 0) throw faultsError('INPUT_INVALID', 'The overrides cannot be put in:', faults);
  return { document: merged, stripped };
}

/**
 * Checks a rendered task definition against the API's schema, before any call registers it. Throws
 * `TASK_DEFINITION_INVALID` with all that is wrong, each with its line in the template or the overrides; gives what
 * nobody knows but ECS may, as warnings.
 */
export function checkTaskDefinition(document: TaskDefinitionDocument, origin: Origin): Fault[] {
  const found = [...checkShape(document, TASK_DEFINITION, ENUMS), ...doubledContainers(document)];
  const shown = found.map((fault) => ({ ...toFault(fault, document, origin), kind: fault.kind }));
  const wrong = shown.filter(({ kind }) => kind === 'wrong');
  if (wrong.length === 0) return shown;
  throw faultsError('TASK_DEFINITION_INVALID', `${origin.source} is not what ECS takes:`, wrong);
}

function doubledContainers(document: TaskDefinitionDocument): ShapeFault[] {
  const names = containersOf(document).map(({ name }) => name);
  return names.flatMap((name, i) =>
    name !== undefined && names.indexOf(name) < i
      ? [{ path: ['containerDefinitions', i, 'name'], kind: 'wrong' as const, message: 'is there twice' }]
      : [],
  );
}

function toFault({ path, message }: ShapeFault, document: TaskDefinitionDocument, origin: Origin): Fault {
  const name = containerAt(path, document);
  const shown = path.map((step, i) => (i === 1 && name !== undefined ? name : step)).join('.');
  const place = placeOf(path, document, origin);
  const text = `${shown || 'the task definition'} ${message}${hintOf({ path, message }, name, origin)}`;
  return { message: text, ...(place ? { place } : {}) };
}

/** A container that lacks its image because its name is new is most often a mistyped one. */
function hintOf(
  { path, message }: Pick<ShapeFault, 'path' | 'message'>,
  name: string | undefined,
  origin: Origin,
): string {
  const known = containersOf(origin.template.document).flatMap((one) => one.name ?? []);
  if (path.length !== 2 || name === undefined || known.includes(name) || !/"image"/.test(message)) return '';
  return `, since the template has no such container.${renderNearMatches(name, known)}`;
}

/** In the template where the value is as the template has it, else in the overrides. */
function placeOf(path: YamlPath, document: TaskDefinitionDocument, origin: Origin): Place | undefined {
  const { template, overrides } = origin;
  const name = containerAt(path, document);
  const index = containersOf(template.document).findIndex((one) => one.name === name);
  const inTemplate =
    name === undefined || index < 0 ? path : ['containerDefinitions', index, ...path.slice(2)];
  const [was, is] = [valueAt(template.document, inTemplate), valueAt(document, path)];
  const isOfTemplate = was !== undefined && JSON.stringify(was) === JSON.stringify(is);
  const { text } = template;
  if (overrides && !isOfTemplate) {
    const key = overrides.value.containers === undefined ? 'containerDefinitions' : 'containers';
    const inOverrides = name === undefined ? path : [key, name, ...path.slice(2)];
    return overrides.document.placeOf([...overrides.at, ...inOverrides]);
  }
  return text?.document.placeOf([...text.at, ...inTemplate]);
}

function containerAt([list, index]: YamlPath, document: TaskDefinitionDocument): string | undefined {
  if (list !== 'containerDefinitions' || typeof index !== 'number') return undefined;
  return containersOf(document)[index]?.name;
}

function containersOf({ containerDefinitions }: TaskDefinitionDocument): { name?: string }[] {
  return Array.isArray(containerDefinitions) ? containerDefinitions : [];
}

function valueAt(value: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (node, step) => (typeof node === 'object' && node !== null ? Reflect.get(node, step) : undefined),
    value,
  );
}
