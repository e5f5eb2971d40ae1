import { nearMatches } from '../../core/src/near-match.ts';
import { renderValue } from '../../core/src/render-value.ts';
import type { YamlPath } from '../../core/src/yaml-document.ts';
import type { ApiShape } from './api-shape.ts';

/** Something about one place of a task definition. An `unknown` field is kept and sent: ECS may know it. */
export interface ShapeFault {
  path: YamlPath;
  kind: 'wrong' | 'unknown';
  message: string;
}

/** What ECS needs beyond what its schema says. */
const ALSO_REQUIRED: Readonly<Record<string, readonly string[]>> = { ContainerDefinition: ['name', 'image'] };
const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/**
 * Compares a task definition with the API's own schema: types, fields that must be there, values of enums, names,
 * and fields that nobody knows. Empty values and `null` are fine. In the order of the document.
 */
export function checkShape(value: unknown, shape: ApiShape, enums: Enums, path: YamlPath = []): ShapeFault[] {
  if (value === null || value === undefined) return [];
  switch (shape.kind) {
    case 'struct':
      return isMap(value) ? checkStruct(value, shape, enums, path) : [wrong(path, value, 'a map')];
    case 'list':
      return Array.isArray(value)
        ? value.flatMap((item, i) => checkShape(item, shape.item(), enums, [...path, i]))
        : [wrong(path, value, 'a list')];
    case 'map':
      return isMap(value)
        ? Object.entries(value).flatMap(([key, item]) =>
            checkShape(item, shape.value(), enums, [...path, key]),
          )
        : [wrong(path, value, 'a map')];
    default:
      return checkPlain(value, shape, path);
  }
}

/** Known values by `Struct.member`. */
export type Enums = Readonly<Record<string, readonly string[]>>;

type Struct = Extract<ApiShape, { kind: 'struct' }>;

function checkStruct(
  value: Record<string, unknown>,
  { name, members, required }: Struct,
  enums: Enums,
  path: YamlPath,
): ShapeFault[] {
  const missing = [...new Set([...required, ...(ALSO_REQUIRED[name] ?? [])])]
    .filter((key) => value[key] === undefined || value[key] === null || value[key] === '')
    .map((key) => ({ path, kind: 'wrong' as const, message: `needs "${key}"` }));
  const inside = Object.entries(value).flatMap(([key, item]) => {
    const member = members.get(key);
    const at = [...path, key];
    if (!member) return [unknownField(at, key, [...members.keys()])];
    const faults = checkShape(item, member(), enums, at);
    return faults.length > 0 ? faults : checkWords(item, enums[`${name}.${key}`], at, isName(name, key));
  });
  return [...missing, ...inside];
}

function isName(struct: string, key: string): boolean {
  return (struct === 'ContainerDefinition' && key === 'name') || key === 'family';
}

/** A value that an enum lacks may be newer than this code; a name that ECS refuses is wrong. */
function checkWords(
  value: unknown,
  known: readonly string[] | undefined,
  path: YamlPath,
  isName: boolean,
): ShapeFault[] {
  if (isName && typeof value === 'string' && !NAME.test(value)) {
    return [wrong(path, value, 'letters, digits, - and _, 255 at most')];
  }
  const words = Array.isArray(value) ? value : [value];
  return words.flatMap((word, i) => {
    if (!known || typeof word !== 'string' || known.includes(word)) return [];
    const at = Array.isArray(value) ? [...path, i] : path;
    const same = known.find((one) => one.toLowerCase() === word.toLowerCase());
    if (same) return [wrong(at, word, `"${same}"`)];
    const message = `is "${word}", which is not among ${known.join(', ')}`;
    return [{ path: at, kind: 'unknown' as const, message }];
  });
}

/** ECS has no two fields that differ in case only, so that one is certainly mistyped. */
function unknownField(path: YamlPath, key: string, known: readonly string[]): ShapeFault {
  const same = known.find((one) => one.toLowerCase() === key.toLowerCase());
  if (same) return { path, kind: 'wrong', message: `is spelt "${same}" in the API` };
  const [near] = nearMatches(key, known);
  const hint = near ? `; did you mean "${near}"?` : '';
  return { path, kind: 'unknown', message: `is no field that this version of the SDK knows${hint}` };
}

function checkPlain(value: unknown, { kind }: ApiShape, path: YamlPath): ShapeFault[] {
  if (kind === 'text' && typeof value !== 'string') return [wrong(path, value, 'a text')];
  if (kind === 'number' && !Number.isFinite(value)) return [wrong(path, value, 'a number')];
  if (kind === 'flag' && typeof value !== 'boolean') return [wrong(path, value, 'true or false')];
  return [];
}

function wrong(path: YamlPath, value: unknown, expected: string): ShapeFault {
  return { path, kind: 'wrong', message: `is ${renderValue(value)}: expected ${expected}` };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
