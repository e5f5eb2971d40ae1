import { isList, isObject, type ObjectValue, type Value } from '../protocol/value.ts';
import type { Block, CtyType } from '../schema/provider-schema.ts';
import { plain, type Shape, shape, shapes } from './shape.ts';

/** How a service writes the names of members: `taskRoleArn` (ECS, ECR), `TaskRoleArn` (most). */
export type NameStyle = 'camel' | 'pascal';

export type Naming = {
  style: NameStyle;
  /** Names that do not follow from Terraform's, also of members of inner blocks. */
  names?: Readonly<Record<string, string>>;
};

/** Members written in full and in capitals, `VpcId`, as most services of AWS have them. */
export const pascal: Naming = { style: 'pascal' };

/** Gives the SDK's name of a Terraform name: `max_capacity` is `MaxCapacity` or `maxCapacity`. */
export function sdkName(name: string, { style, names }: Naming): string {
  const known = names?.[name];
  if (known !== undefined) return known;
  const [head = '', ...tail] = name.split('_');
  const rest = tail.map(capital).join('');
  return (style === 'camel' ? head : capital(head)) + rest;
}

/** Gives arguments and blocks of a resource as the SDK takes them; what is not written is left out. */
export function toSdk(block: Block, value: ObjectValue, naming: Naming, only?: readonly string[]): Shape {
  const result: Record<string, unknown> = {};
  for (const name of only ?? Object.keys({ ...block.attributes, ...block.block_types })) {
    const written = sdkValue(block, name, value[name] ?? null, naming);
    if (written !== undefined) result[sdkName(name, naming)] = written;
  }
  return result;
}

/** A block that occurs at most once is a structure, any other a list. */
function sdkValue(block: Block, name: string, value: Value, naming: Naming): unknown {
  const nested = block.block_types[name];
  if (value === null) return undefined;
  if (nested === undefined) return value;
  const items = (isList(value) ? value : [value])
    .filter(isObject)
    .map((item) => toSdk(nested.block, item, naming));
  if (nested.max_items === 1) return items[0];
  return items.length > 0 ? items : undefined;
}

/** Gives what the SDK answered as arguments and results of a resource; what it did not answer is left out. */
export function fromSdk(block: Block, answer: Shape, naming: Naming, only?: readonly string[]): ObjectValue {
  const result: Record<string, Value> = {};
  for (const name of only ?? Object.keys({ ...block.attributes, ...block.block_types })) {
    const found = answer[sdkName(name, naming)];
    if (found === undefined || found === null) continue;
    const attribute = block.attributes[name];
    const nested = block.block_types[name];
    if (attribute) result[name] = typedValue(attribute.type, found);
    else if (nested) {
      const items = Array.isArray(found) ? shapes(found) : [shape(found)];
      result[name] = items.map((item) => completed(nested.block, fromSdk(nested.block, item, naming)));
    }
  }
  return result;
}

/** Gives a block's value with every name in it: Terraform takes no structure that lacks one. */
export function completed(block: Block, value: ObjectValue): ObjectValue {
  const attributes = Object.keys(block.attributes).map((name) => [name, value[name] ?? null] as const);
  const blocks = Object.entries(block.block_types).map(([name, nested]) => {
    const items = value[name];
    if (!isList(items)) return [name, nested.nesting_mode === 'single' ? (items ?? null) : []] as const;
    return [name, items.map((item) => (isObject(item) ? completed(nested.block, item) : item))] as const;
  });
  return Object.fromEntries([...attributes, ...blocks]);
}

function typedValue(type: CtyType, found: unknown): Value {
  if (type === 'string') return found instanceof Date ? found.toISOString() : String(found);
  if (type === 'number') return Number(found);
  if (type === 'bool') return found === true || found === 'true';
  const [kind, inner] = type;
  if (kind === 'map')
    return Object.fromEntries(Object.entries(shape(found)).map(([key, item]) => [key, plain(item)]));
  if (kind === 'object') return null;
  return Array.isArray(found) ? found.map((item) => typedValue(inner as CtyType, item)) : [];
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
