import type { GeneratedClass, GeneratedSource, HclEntry, Member, Property } from './generated-source.ts';
import type { Attribute, Block, CtyType, NestedBlock } from './provider-schema.ts';

type Table = ReadonlyMap<string, HclEntry> | undefined;
type Properties = ReadonlyMap<string, Property> | undefined;

const primitives: Readonly<Record<string, CtyType>> = {
  getStringAttribute: 'string',
  getNumberAttribute: 'number',
  getBooleanAttribute: 'bool',
  getStringMapAttribute: ['map', 'string'],
  getNumberMapAttribute: ['map', 'number'],
  getBooleanMapAttribute: ['map', 'bool'],
  StringMap: ['map', 'string'],
  NumberMap: ['map', 'number'],
  BooleanMap: ['map', 'bool'],
};
const listElements: Readonly<Record<string, CtyType>> = {
  getListAttribute: 'string',
  getNumberListAttribute: 'number',
  StringMapList: ['map', 'string'],
  NumberMapList: ['map', 'number'],
  BooleanMapList: ['map', 'bool'],
};

/**
 * Gives the schema of a resource, data source or ephemeral resource.
 *
 * What the generator skipped (types that contain themselves, such as `aws_wafv2_web_acl.rule.statement`) is left
 * out: Terraform refuses a whole schema for one dynamic type inside a set.
 */
export function deriveBlock(source: GeneratedSource): Block {
  const properties = source.interfaces.get(`${source.main.name}Config`);
  return blockOf(source, source.main, properties, source.mainHclTable);
}

/** Gives the provider's own arguments, which have no class of their own: interface and table must do. */
export function deriveProviderBlock(source: GeneratedSource): Block {
  return providerBlock(source, `${source.main.name}Config`, source.mainHclTable);
}

function blockOf(source: GeneratedSource, body: GeneratedClass, properties: Properties, table: Table): Block {
  const attributes: Record<string, Attribute> = {};
  const blocks: Record<string, NestedBlock> = {};
  for (const member of body.members) {
    const entry = table?.get(member.name);
    const structure = structureOf(source, member);
    if (structure && properties?.get(member.name)?.isBlock) {
      blocks[member.name] = nestedBlock(source, member, structure, entry);
      continue;
    }
    const type =
      leafType(member, entry) ??
      (structure === undefined ? undefined : structureType(source, member, structure, []));
    if (type !== undefined) attributes[member.name] = { type, ...flagsOf(member, entry) };
  }
  return { attributes, block_types: blocks };
}

function nestedBlock(
  source: GeneratedSource,
  member: Member,
  structure: string,
  entry: HclEntry | undefined,
): NestedBlock {
  const table = source.hclTables.get(lowerFirst(structure)) ?? source.hclTables.get(entry?.converter ?? '');
  const reference = referenceClass(source, structure);
  const block = blockOf(source, reference, source.interfaces.get(structure), table);
  if (member.child?.endsWith('Map')) return { nesting_mode: 'map', block };
  const least = member.required ? { min_items: 1 } : {};
  const mode = member.isSet || entry?.type === 'set' ? 'set' : 'list';
  if (member.child?.endsWith('List')) return { nesting_mode: mode, block, ...least };
  if (entry?.type === 'struct') return { nesting_mode: 'single', block };
  return { nesting_mode: mode, block, ...least, max_items: 1 };
}

function leafType({ reader = '', child = '', isSet }: Member, entry: HclEntry | undefined) {
  const plain = primitives[reader] ?? primitives[child];
  const element = listElements[reader] ?? listElements[child];
  if (element === undefined) return plain;
  return [isSet || entry?.type === 'set' ? 'set' : 'list', element] as const;
}

/** Type of an attribute that is a structure; `undefined` where it contains itself or a member is unknown. */
function structureType(
  source: GeneratedSource,
  member: Member,
  structure: string,
  outer: readonly string[],
): CtyType | undefined {
  if (outer.includes(structure)) return undefined;
  const members: Record<string, CtyType> = {};
  for (const inner of referenceClass(source, structure).members) {
    const nested = structureOf(source, inner);
    const type =
      leafType(inner, undefined) ??
      (nested === undefined ? undefined : structureType(source, inner, nested, [...outer, structure]));
    if (type !== undefined) members[inner.name] = type;
  }
  const object = ['object', members] as const;
  if (member.child?.endsWith('List')) return [member.isSet ? 'set' : 'list', object];
  return member.child?.endsWith('Map') ? ['map', object] : object;
}

function structureOf(source: GeneratedSource, { child }: Member): string | undefined {
  const name = child?.replace(/(OutputReference|List|Map)$/, '');
  return name !== undefined && source.classes.has(`${name}OutputReference`) ? name : undefined;
}

function referenceClass(source: GeneratedSource, structure: string): GeneratedClass {
  const found = source.classes.get(`${structure}OutputReference`);
  if (found === undefined) throw new Error(`${source.typeName}: no class of ${structure}`);
  return found;
}

function flagsOf({ computed, optional, required }: Member, entry: HclEntry | undefined) {
  return {
    ...(required && { required: true as const }),
    ...(optional && { optional: true as const }),
    ...(computed && { computed: true as const }),
    ...(entry?.writeOnly && { write_only: true as const }),
  };
}

function providerBlock(source: GeneratedSource, interfaceName: string, table: Table): Block {
  const attributes: Record<string, Attribute> = {};
  const blocks: Record<string, NestedBlock> = {};
  for (const [name, property] of source.interfaces.get(interfaceName) ?? []) {
    const entry = table?.get(name);
    if (entry === undefined) continue;
    const structure = property.isBlock ? interfaceIn(source, property.tsType) : undefined;
    if (structure === undefined) {
      const flag = property.required ? { required: true as const } : { optional: true as const };
      attributes[name] = { type: storedType(entry), ...flag };
    } else {
      const block = providerBlock(source, structure, source.hclTables.get(entry.converter ?? ''));
      const most = property.tsType.includes('[]') ? {} : { max_items: 1 };
      blocks[name] = { nesting_mode: entry.type === 'set' ? 'set' : 'list', block, ...most };
    }
  }
  return { attributes, block_types: blocks };
}

function interfaceIn(source: GeneratedSource, tsType: string): string | undefined {
  return [...source.interfaces.keys()].find((name) => new RegExp(`\\b${name}\\b`).test(tsType));
}

function storedType({ type, storage }: HclEntry): CtyType {
  const element = { number: 'number', boolean: 'bool' }[storage.replace(/(List|Map)$/, '')] ?? 'string';
  const scalar = element as CtyType;
  return type === 'set' || type === 'map' || type === 'list' ? [type, scalar] : scalar;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
