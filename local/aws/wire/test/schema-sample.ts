import type { NormalizedSchema } from '@smithy/core/schema';

const DEEPEST = 6;

/**
 * A value that fills every member of a schema, with characters that need escaping; a union gets one member.
 * Structures deeper than six levels are left empty, so that recursive shapes end.
 */
export function sampleOf(schema: NormalizedSchema, depth = 0): unknown {
  if (schema.isStructSchema()) return sampleStruct(schema, depth);
  if (schema.isListSchema()) {
    return [sampleOf(schema.getValueSchema(), depth + 1), sampleOf(schema.getValueSchema(), depth + 1)];
  }
  if (schema.isMapSchema()) {
    return {
      'a.b': sampleOf(schema.getValueSchema(), depth + 1),
      'é<': sampleOf(schema.getValueSchema(), depth + 1),
    };
  }
  if (schema.isNumericSchema()) return 7;
  if (schema.isBooleanSchema()) return depth % 2 === 0;
  if (schema.isTimestampSchema()) return new Date(1_700_000_000_000 + depth * 1000);
  if (schema.isBlobSchema()) return new Uint8Array([0, 255, 13, 10]);
  return `a b&<>"'=+é%${depth}`;
}

function sampleStruct(schema: NormalizedSchema, depth: number): Record<string, unknown> {
  const members = depth > DEEPEST ? [] : [...schema.structIterator()];
  const used = schema.isUnionSchema() ? members.slice(0, 1) : members;
  return Object.fromEntries(used.map(([name, member]) => [name, sampleOf(member, depth + 1)]));
}
