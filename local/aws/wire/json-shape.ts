import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsFault } from '../fault.ts';
import { requiredMembers } from './operations.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Throws `SerializationException` where a JSON value has another type than its schema says.
 * Members the schema does not know are passed over, as AWS does; `null` counts as absent.
 */
export function assertJsonShape(schema: NormalizedSchema, value: unknown, path = ''): void {
  if (value === null || value === undefined) return;
  if (schema.isStructSchema()) {
    if (!isObject(value)) throw mistyped(path, 'a structure', value);
    for (const [name, member] of schema.structIterator()) {
      assertJsonShape(member, value[name], path ? `${path}.${name}` : name);
    }
  } else if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw mistyped(path, 'a list', value);
    for (const [index, item] of value.entries()) {
      assertJsonShape(schema.getValueSchema(), item, `${path}[${index}]`);
    }
  } else if (schema.isMapSchema()) {
    if (!isObject(value)) throw mistyped(path, 'a map', value);
    for (const [key, item] of Object.entries(value)) {
      assertJsonShape(schema.getValueSchema(), item, `${path}.${key}`);
    }
  } else assertJsonScalar(schema, value, path);
}

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
