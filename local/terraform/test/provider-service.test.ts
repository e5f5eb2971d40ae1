import { expect, test } from '@jest/globals';
import { encodedSchemaOf, providerService } from '../protocol/provider-service.ts';
import { readProviderSchema } from '../schema/schema-file.ts';

test('the schema is encoded once, with all its types and the word that Terraform may keep it', async () => {
  const schema = await readProviderSchema();
  const bytes = encodedSchemaOf(schema);
  expect(encodedSchemaOf(schema)).toBe(bytes);
  const read = providerService().GetProviderSchema?.responseDeserialize(bytes);
  expect(Object.keys(read.resource_schemas).sort()).toEqual(Object.keys(schema.resources).sort());
  expect(Object.keys(read.data_source_schemas).sort()).toEqual(Object.keys(schema.dataSources).sort());
  expect(read.server_capabilities).toMatchObject({ get_provider_schema_optional: true });
});
