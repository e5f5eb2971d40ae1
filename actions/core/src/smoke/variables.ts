import { renderNearMatches } from '../near-match.ts';
import type { YamlPath } from '../yaml-document.ts';

/** A `${{ name }}` that has no value: where it stands, and a sentence. */
export interface UnknownVariable {
  readonly path: YamlPath;
  readonly message: string;
}

const REFERENCE = /\$\{\{([^}]*)\}\}/g;

/**
 * Gives a copy of plain data with each `${{ name }}` in its texts replaced, keys left as they are. `values` are by
 * full name (`base`, `secrets.TOKEN`). What has no value stays and is listed, with its path.
 */
export function fillVariables(
  data: unknown,
  values: Readonly<Record<string, string>>,
  path: YamlPath = [],
): { readonly filled: unknown; readonly unknown: readonly UnknownVariable[] } {
  if (typeof data === 'string') return fillText(data, values, path);
  if (typeof data !== 'object' || data === null) return { filled: data, unknown: [] };
  const entries = Object.entries(data).map(([key, item]): [string, ReturnType<typeof fillVariables>] => [
    key,
    fillVariables(item, values, [...path, Array.isArray(data) ? Number(key) : key]),
  ]);
  const unknown = entries.flatMap(([, result]) => result.unknown);
  if (Array.isArray(data)) return { filled: entries.map(([, result]) => result.filled), unknown };
  return { filled: Object.fromEntries(entries.map(([key, { filled }]) => [key, filled])), unknown };
}

function fillText(
  text: string,
  values: Readonly<Record<string, string>>,
  path: YamlPath,
): { filled: string; unknown: UnknownVariable[] } {
  const unknown: UnknownVariable[] = [];
  const filled = text.replace(REFERENCE, (reference, inner: string) => {
    const name = inner.trim();
    if (Object.hasOwn(values, name)) return values[name] ?? '';
    unknown.push({ path, message: `${reference} has no value.${hintFor(name, Object.keys(values))}` });
    return reference;
  });
  return { filled, unknown };
}

function hintFor(name: string, known: readonly string[]): string {
  const near = renderNearMatches(name, known);
  const where = name.startsWith('secrets.')
    ? ` Give it by the input "secrets": ${name.slice('secrets.'.length)}=…`
    : ` Give it by the environment's \`variables\` in the manifest, or by the input "variables": ${name}=…`;
  return near.startsWith(' Did') ? near : where;
}
