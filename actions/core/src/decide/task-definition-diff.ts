import { normalise, type TaskDefinitionDocument } from './task-definition-content.ts';

/** One difference. `path` is like `email-api.environment.PORT`; an absent side means added or removed. */
export interface TaskDefinitionChange {
  path: string;
  before?: string;
  after?: string;
}

const HIDDEN = '(hidden)';
/** Environment variables are no place for secrets, but they are found there. */
const SECRET_NAME = /secret|token|passw|credential|private|api_?key/i;
/** Lists whose items are told apart by one of their fields. */
const KEY_FIELDS = ['name', 'containerPort', 'sourceVolume', 'containerName'] as const;

/**
 * Lists what differs between two task definitions after the defaults that ECS fills in, by path in
 * alphabetical order: containers, variables and the like by their names. Values of variables whose name speaks
 * of a secret are hidden.
 */
export function diffTaskDefinitions(
  before: TaskDefinitionDocument | undefined,
  after: TaskDefinitionDocument,
): TaskDefinitionChange[] {
  const [old, now] = [flatten(before ? normalise(before) : {}), flatten(normalise(after))];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .sort()
    .map((path) => shown({ path, before: old.get(path), after: now.get(path) }));
}

/** One line a change: `+` added, `-` removed, `~` changed. */
export function renderDiff(changes: readonly TaskDefinitionChange[]): string[] {
  return changes.map(({ path, before, after }) => {
    if (before === undefined) return `+ ${path}: ${after}`;
    if (after === undefined) return `- ${path}: ${before}`;
    return `~ ${path}: ${before} -> ${after}`;
  });
}

/** The same as a Markdown block that GitHub colours. */
export function renderDiffMarkdown(changes: readonly TaskDefinitionChange[]): string {
  const lines = changes.flatMap(({ path, before, after }) => [
    ...(before === undefined ? [] : [`- ${path}: ${before}`]),
    ...(after === undefined ? [] : [`+ ${path}: ${after}`]),
  ]);
  return lines.length === 0 ? '' : ['````diff', ...lines, '````'].join('\n');
}

function shown(change: TaskDefinitionChange): TaskDefinitionChange {
  const [, name = ''] = /\.environment\.(.+)$/.exec(change.path) ?? [];
  if (!SECRET_NAME.test(name)) return change;
  const hide = (value: string | undefined): string | undefined => (value === undefined ? undefined : HIDDEN);
  return { path: change.path, before: hide(change.before), after: hide(change.after) };
}

function flatten(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(value) && value.some(isRecord)) {
    value.forEach((item, i) => {
      flatten(withoutKey(item), join(path, keyOf(item) ?? String(i)), into);
    });
  } else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) {
      flatten(item, join(path, key === 'containerDefinitions' ? '' : key), into);
    }
  } else if (value !== undefined) {
    into.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return into;
}

/** A pair of name and value is its value; of other items the key stays, so that an item of nothing else shows. */
function withoutKey(item: unknown): unknown {
  if (!isRecord(item) || Object.keys(item).length !== 2 || typeof item.name !== 'string') return item;
  return item.value ?? item.valueFrom ?? item;
}

function keyOf(item: unknown): string | undefined {
  if (!isRecord(item)) return undefined;
  const key = KEY_FIELDS.map((field) => item[field]).find((field) => field !== undefined);
  return key === undefined ? undefined : String(key);
}

function join(path: string, key: string): string {
  return [path, key].filter((part) => part !== '').join('.');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
