import { NormalizedSchema } from '@smithy/core/schema';
import { AwsFault } from '../fault.ts';
import type { RequestContext, ServiceOptions } from './service.ts';

export type Operation = { name: string; input: NormalizedSchema; output: NormalizedSchema };

type Handler = (input: unknown, context: RequestContext) => unknown;

/** First element of an operation's static schema: `[9, namespace, name, traits, input, output]`. */
const OPERATION = 9;

/**
 * Lists the operations of an SDK client package by name, from the run-time schemas it exports.
 * Source: `@aws-sdk/client-*` (schema exports end in `$`), `@smithy/core/schema`; read 2026-11.
 */
export function operationsOf(client: object): Map<string, Operation> {
  const operations = new Map<string, Operation>();
  for (const [key, schema] of Object.entries(client)) {
    if (!key.endsWith('$') || !Array.isArray(schema) || schema[0] !== OPERATION) continue;
    const name = String(schema[2]);
    operations.set(name, {
      name,
      input: NormalizedSchema.of(schema[4]),
      output: NormalizedSchema.of(schema[5]),
    });
  }
  return operations;
}

/** Finds an operation and its handler, or throws the error that tells AWS's unknown from what is not here. */
export function findHandler(
  operations: ReadonlyMap<string, Operation>,
  handlers: object,
  name: string,
): { operation: Operation; handler: Handler } {
  const operation = operations.get(name);
  if (!operation) throw new AwsFault('UnknownOperationException', `The operation '${name}' does not exist.`);
  const handler: unknown = Object.hasOwn(handlers, name) ? Reflect.get(handlers, name) : undefined;
  if (typeof handler !== 'function') {
    throw new AwsFault('UnsupportedOperation', `The local AWS does not offer the operation ${name}.`, 501);
  }
  return { operation, handler: (input, context) => Reflect.apply(handler, handlers, [input, context]) };
}

/** Throws when a handler is written for an operation that the client package does not have. */
export function assertKnown(operations: ReadonlyMap<string, Operation>, handlers: object): void {
  const strangers = Object.keys(handlers).filter((name) => !operations.has(name));
  if (strangers.length > 0) throw new TypeError(`AWS has no operation named ${strangers.join(', ')}.`);
}

/**
 * Throws for a parameter that AWS has and the service leaves undone: that is told, where passing over it would
 * only look as if it had been done.
 */
export function assertCarriedOut(
  { notCarriedOut }: Pick<ServiceOptions, 'notCarriedOut'>,
  operation: string,
  given: readonly string[],
): void {
  const left = given.find((name) => notCarriedOut?.[operation]?.includes(name));
  if (left === undefined) return;
  throw new AwsFault(
    'UnsupportedParameter',
    `The local AWS does not carry out the parameter ${left} of ${operation}; leave it out.`,
    501,
  );
}

/** The leading members of a structure that its schema marks as required, in the schema's order. */
export function requiredMembers(schema: NormalizedSchema): string[] {
  const structure = schema.getSchema();
  if (!schema.isStructSchema() || !Array.isArray(structure)) return [];
  const names: unknown = structure[4];
  const count: unknown = structure[6];
  return Array.isArray(names) && typeof count === 'number' ? names.slice(0, count).map(String) : [];
}

/** Turns whatever a handler threw into a fault; a bug keeps its message, so that it can be found. */
export function asFault(error: unknown): AwsFault {
  if (error instanceof AwsFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AwsFault('InternalFailure', `The local AWS broke: ${message}`, 500);
}

/** Numbers requests in the shape of AWS's request ids, the same in every run. */
export function requestIds(): () => string {
  let count = 0;
  return () => `00000000-0000-4000-8000-${(++count).toString(16).padStart(12, '0')}`;
}
