import type { AttributePath } from '../protocol/diagnostic.ts';
import { isList, isObject, type ObjectValue, type Value } from '../protocol/value.ts';
import type { Attribute, Block, NestedBlock } from '../schema/provider-schema.ts';

/** An argument with its value, where it stands, and its name through the blocks, `load_balancer.container_name`. */
export type Place = { attribute: Attribute; value: Value; path: AttributePath; dotted: string };

/** Gives a block's value with each argument, those of inner blocks too, replaced by what `change` makes of it. */
export function mapAttributes(
  block: Block,
  value: ObjectValue,
  change: (place: Place) => Value,
  outer: { path: AttributePath; dotted: string } = { path: [], dotted: '' },
): ObjectValue {
  const result: Record<string, Value> = {};
  for (const [name, attribute] of Object.entries(block.attributes)) {
    const place = { path: [...outer.path, name], dotted: outer.dotted + name };
    result[name] = change({ attribute, value: value[name] ?? null, ...place });
  }
  for (const [name, nested] of Object.entries(block.block_types)) {
    const place = { path: [...outer.path, name], dotted: `${outer.dotted}${name}.` };
    result[name] = mapNested(nested, value[name] ?? null, place, (inner, at) =>
      mapAttributes(nested.block, inner, change, at),
    );
  }
  return result;
}

/** Calls `visit` for each argument of a block and its inner blocks. */
export function visitAttributes(block: Block, value: ObjectValue, visit: (place: Place) => void): void {
  mapAttributes(block, value, (place) => {
    visit(place);
    return place.value;
  });
}

/**
 * Members of a set have no address: what is inside one is reported at the set. A block of which Terraform does
 * not know yet how often it occurs stays as it is.
 */
function mapNested(
  nested: NestedBlock,
  value: Value,
  place: { path: AttributePath; dotted: string },
  change: (inner: ObjectValue, place: { path: AttributePath; dotted: string }) => ObjectValue,
): Value {
  if (isList(value)) {
    return value.map((inner, index) => {
      if (!isObject(inner)) return inner;
      const path = nested.nesting_mode === 'list' ? [...place.path, index] : place.path;
      return change(inner, { ...place, path });
    });
  }
  if (!isObject(value)) return value;
  if (nested.nesting_mode === 'single') return change(value, place);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, isObject(inner) ? change(inner, place) : inner]),
  );
}
