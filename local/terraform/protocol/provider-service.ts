import { join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { ProviderSchema } from '../schema/provider-schema.ts';
import { renderSchema } from './wire-schema.ts';

type Service = { served: ServiceDefinition; encodeSchema: (answer: object) => Buffer };

let known: Service | undefined;
const encodedSchemas = new WeakMap<ProviderSchema, Buffer>();

/** Gives the service of plugin protocol 6. GetProviderSchema is to be answered with the bytes of `encodedSchemaOf`. */
export function providerService(): ServiceDefinition {
  return loadService().served;
}

/**
 * Gives the answer to GetProviderSchema as bytes, made once for each schema: to encode it anew takes longer than
 * all else that a short command asks for.
 */
export function encodedSchemaOf(schema: ProviderSchema): Buffer {
  const bytes = encodedSchemas.get(schema) ?? loadService().encodeSchema(renderSchema(schema));
  encodedSchemas.set(schema, bytes);
  return bytes;
}

/** Reads the protocol's description, at the first call. */
function loadService(): Service {
  if (known) return known;
  const path = join(import.meta.dirname, 'tfplugin6.proto');
  const loaded = loadSync(path, { keepCase: true, longs: Number, defaults: true });
  const described = loaded['tfplugin6.Provider'] as ServiceDefinition;
  const { GetProviderSchema } = described;
  if (GetProviderSchema === undefined) throw new Error(`${path} describes no GetProviderSchema.`);
  const asItIs = { ...GetProviderSchema, responseSerialize: (bytes: Buffer) => bytes };
  known = {
    served: { ...described, GetProviderSchema: asItIs },
    encodeSchema: GetProviderSchema.responseSerialize,
  };
  return known;
}
