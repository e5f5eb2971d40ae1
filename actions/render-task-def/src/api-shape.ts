/** A type of the ECS API, read from the schemas that the SDK carries at run time. Lists and maps unfold when asked. */
export type ApiShape =
  | { kind: 'text' | 'number' | 'flag' | 'other' }
  | { kind: 'list'; item(): ApiShape }
  | { kind: 'map'; value(): ApiShape }
  | {
      kind: 'struct';
      name: string;
      members: ReadonlyMap<string, () => ApiShape>;
      required: readonly string[];
    };

const LIST_OF = 64;
const MAP_OF = 128;
const [SIMPLE, LIST, MAP, STRUCT, UNION] = [0, 1, 2, 3, 4];

/**
 * Reads a static schema of an SDK client. A struct is `[3, namespace, name, traits, names, types, required]`, of
 * which the first `required` members must be there; lists and maps carry the type of their values last; a number
 * is a simple type, 64 and 128 on top of it make a list and a map; a function gives the schema when called, and a
 * pair is a schema with traits. Source: `@aws-sdk/client-ecs` and `@smithy/core/schema`, read 2026-11.
 */
export function apiShapeOf(schema: unknown): ApiShape {
  if (typeof schema === 'function') return apiShapeOf(schema());
  if (typeof schema === 'number') return simpleShape(schema);
  if (!Array.isArray(schema)) return { kind: 'other' };
  if (schema.length === 2) return apiShapeOf(schema[0]);
  const [kind, , name, , ...rest] = schema as [number, string, string, unknown, ...unknown[]];
  switch (kind) {
    case SIMPLE:
      return apiShapeOf(rest[0]);
    case LIST:
      return { kind: 'list', item: () => apiShapeOf(rest[0]) };
    case MAP:
      return { kind: 'map', value: () => apiShapeOf(rest[1]) };
    case STRUCT:
    case UNION: {
      const [names = [], types = [], required = 0] = rest as [string[]?, unknown[]?, number?];
      const members = names.map((member, i): [string, () => ApiShape] => [
        member,
        () => apiShapeOf(types[i]),
      ]);
      return { kind: 'struct', name, members: new Map(members), required: names.slice(0, required) };
    }
    default:
      return { kind: 'other' };
  }
}

function simpleShape(type: number): ApiShape {
  if (type >= MAP_OF) return { kind: 'map', value: () => simpleShape(type - MAP_OF) };
  if (type >= LIST_OF) return { kind: 'list', item: () => simpleShape(type - LIST_OF) };
  const kinds: Readonly<Record<number, 'text' | 'number' | 'flag'>> = { 0: 'text', 1: 'number', 2: 'flag' };
  return { kind: kinds[type] ?? 'other' };
}
