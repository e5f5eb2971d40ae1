import type { ObjectValue } from '../protocol/value.ts';
import type { Block } from '../schema/provider-schema.ts';

/** The value of a block in which nothing is written: `null` arguments, no inner blocks. */
export function emptyValue(block: Block): ObjectValue {
  const attributes = Object.keys(block.attributes).map((name) => [name, null] as const);
  const blocks = Object.entries(block.block_types).map(([name, { nesting_mode }]) => {
    if (nesting_mode === 'single') return [name, null] as const;
    return [name, nesting_mode === 'map' ? {} : []] as const;
  });
  return Object.fromEntries([...attributes, ...blocks]);
}
