import type { Block, NestingMode, ProviderSchema } from '../schema/provider-schema.ts';

const nestingNumbers: Readonly<Record<NestingMode, number>> = { single: 1, list: 2, set: 3, map: 4 };

/** Gives the schema as GetProviderSchema answers it. */
export function renderSchema(schema: ProviderSchema) {
  return {
    provider: renderBlock(schema.provider),
    resource_schemas: renderTypes(schema.resources),
    data_source_schemas: renderTypes(schema.dataSources),
    ephemeral_resource_schemas: renderTypes(schema.ephemeralResources),
    provider_meta: providerMeta,
    // Terraform asks for the schema once a command then, not once for each of its walks and provider blocks.
    server_capabilities: { plan_destroy: false, get_provider_schema_optional: true },
  };
}

/** What a module may say of itself; widely used modules do, and fail without it. */
const providerMeta = renderBlock({
  attributes: { user_agent: { type: ['list', 'string'], optional: true } },
  block_types: {},
});

function renderTypes(types: Readonly<Record<string, Block>>) {
  return Object.fromEntries(Object.entries(types).map(([name, block]) => [name, renderBlock(block)]));
}

function renderBlock(block: Block) {
  return { version: 0, block: renderInner(block) };
}

type WireBlock = { attributes: object[]; block_types: object[] };

function renderInner(block: Block): WireBlock {
  return {
    attributes: Object.entries(block.attributes).map(([name, { type, ...flags }]) => ({
      name,
      type: Buffer.from(JSON.stringify(type)),
      ...flags,
    })),
    block_types: Object.entries(block.block_types).map(([type_name, nested]) => ({
      type_name,
      nesting: nestingNumbers[nested.nesting_mode],
      block: renderInner(nested.block),
      min_items: nested.min_items ?? 0,
      max_items: nested.max_items ?? 0,
    })),
  };
}
