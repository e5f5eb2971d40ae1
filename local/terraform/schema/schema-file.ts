import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ProviderSchema } from './provider-schema.ts';

/** The committed schema, compressed JSON. */
export const schemaFile = join(import.meta.dirname, 'aws-provider-schema.json.gz');
/** The list it was taken by. */
export const wantedTypesFile = join(import.meta.dirname, 'wanted-types.txt');

/** Reads the committed schema of the AWS provider. */
export async function readProviderSchema(): Promise<ProviderSchema> {
  return JSON.parse(gunzipSync(await readFile(schemaFile)).toString('utf8')) as ProviderSchema;
}
