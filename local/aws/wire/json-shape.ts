import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsFault } from '../fault.ts';
import { requiredMembers } from './operations.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Throws `SerializationException` where a JSON value has another type than its schema says, and what
 * `refuseUnknown` makes of a member that the schema does not have: AWS passes over such a one, and what it was
 * meant to do would be missed in silence. `null` counts as absent.
 */
export function assertJsonShape(
  schema: NormalizedSchema,
  value: unknown,
  refuseUnknown: RefuseUnknown,
  path = '',
): void {
  if (value === null || value === undefined) return;
  if (schema.isStructSchema()) {
    if (!isObject(value)) throw mistyped(path, 'a structure', value);
    let known = 0;
    for (const [name, member] of schema.structIterator()) {
      if (!Object.hasOwn(value, name)) continue;
      known++;
      assertJsonShape(member, value[name], refuseUnknown, path ? `${path}.${name}` : name);
    }
    if (known < Object.keys(value).length) throw unknownIn(schema, value, refuseUnknown, path);
  } else if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw mistyped(path, 'a list', value);
    for (const [index, item] of value.entries()) {
      assertJsonShape(schema.getValueSchema(), item, refuseUnknown, `${path}[${index}]`);
    }
  } else if (schema.isMapSchema()) {
    if (!isObject(value)) throw mistyped(path, 'a map', value);
    for (const [key, item] of Object.entries(value)) {
      assertJsonShape(schema.getValueSchema(), item, refuseUnknown, `${path}.${key}`);
    }
  } else assertJsonScalar(schema, value, path);
}

/** Makes the refusal of a member that AWS does not have; the message names it and those there are. */
export type RefuseUnknown = (message: string) => AwsFault;

function unknownIn(
  schema: NormalizedSchema,
  value: Readonly<Record<string, unknown>>,
  refuseUnknown: RefuseUnknown,
  path: string,
): AwsFault {
  const names = [...schema.structIterator()].map(([name]) => name);
  const stranger = Object.keys(value).find((name) => !names.includes(name)) ?? '';
  return refuseUnknown(renderUnknown(path ? `${path}.${stranger}` : stranger, names));
}

/** In the words of AWS's own command line. */
export const renderUnknown = (path: string, names: readonly string[]): string =>
  `Unknown parameter in input: "${path}", must be one of: ${names.join(', ')}`;

function assertJsonScalar(schema: NormalizedSchema, value: unknown, path: string): void {
  const text = schema.isStringSchema() || schema.isBlobSchema();
  if (text && typeof value !== 'string') throw mistyped(path, 'a string', value);
  if (schema.isNumericSchema() && typeof value !== 'number') throw mistyped(path, 'a number', value);
  if (schema.isBooleanSchema() && typeof value !== 'boolean') throw mistyped(path, 'a boolean', value);
}

function mistyped(path: string, expected: string, value: unknown): AwsFault {
  const found = Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  return new AwsFault(
    'SerializationException',
    `${path || 'The request body'} is ${found}; ${expected} was expected.`,
  );
}

/** The top-level members that a schema requires and a value lacks, in the schema's order. */
export function missingMembers(schema: NormalizedSchema, input: Readonly<Record<string, unknown>>): string[] {
  return requiredMembers(schema).filter((name) => input[name] === undefined || input[name] === null);
}

/** The refusal of ECS and ECR, which name the first member that is absent. */
export function refuseNull([name = '']: readonly string[]): AwsFault {
  return new AwsFault(
    'InvalidParameterException',
    `Invalid parameter at '${name}' failed to satisfy constraint: 'must not be null'`,
  );
}

/** Parses a request body as a JSON object; an empty body is an empty object. */
export function parseJsonObject(body: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body || '{}');
  } catch {
    throw new AwsFault('SerializationException', 'The request body is not JSON.');
  }
  if (!isObject(value)) throw mistyped('', 'a structure', value);
  return value;
}
