import type { Block, ProviderSchema } from '../../schema/provider-schema.ts';
import { dataSourceRules, resourceRules } from './rule-tables.ts';
import type { RuleTable } from './type-rules.ts';

/** Gives the schema with the marks of secret arguments, which the package it was taken from has lost. */
export function withSensitive(schema: ProviderSchema): ProviderSchema {
  return {
    ...schema,
    resources: markTypes(schema.resources, resourceRules),
    dataSources: markTypes(schema.dataSources, dataSourceRules),
  };
}

function markTypes(types: ProviderSchema['resources'], rules: RuleTable): ProviderSchema['resources'] {
  return Object.fromEntries(
    Object.entries(types).map(([name, block]) => [name, markBlock(block, rules[name]?.sensitive ?? [])]),
  );
}

function markBlock(block: Block, names: readonly string[]): Block {
  if (names.length === 0) return block;
  const attributes = Object.entries(block.attributes).map(
    ([name, attribute]) =>
      [name, names.includes(name) ? { ...attribute, sensitive: true as const } : attribute] as const,
  );
  const blocks = Object.entries(block.block_types).map(([name, nested]) => {
    const inner = names
      .filter((path) => path.startsWith(`${name}.`))
      .map((path) => path.slice(name.length + 1));
    return [name, { ...nested, block: markBlock(nested.block, inner) }] as const;
  });
  return { attributes: Object.fromEntries(attributes), block_types: Object.fromEntries(blocks) };
}
