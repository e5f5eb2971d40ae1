import { isList, isObject, isUnknown, type ObjectValue, renderKey, type Value } from '../protocol/value.ts';
import type { Attribute, Block, NestedBlock } from '../schema/provider-schema.ts';
import { sameJson } from './json-text.ts';

/**
 * Gives `planned` with the value from state wherever the two mean the same, so that Terraform sees no difference.
 *
 * To the provider's SDK an argument that is left out means zero (`""`, 0, `false`, an empty list), or what AWS
 * decided; JSON documents are compared by meaning; sets have no order. `filled` names arguments and blocks that AWS
 * fills where the configuration has none.
 */
export function settle(
  block: Block,
  prior: ObjectValue,
  planned: ObjectValue,
  filled: readonly string[] = [],
): ObjectValue {
  const result: Record<string, Value> = { ...planned };
  for (const [name, attribute] of Object.entries(block.attributes)) {
    const [before, after] = [prior[name] ?? null, planned[name] ?? null];
    const isFilled = after === null && filled.includes(name);
    if (isFilled || sameAttribute(attribute, before, after)) result[name] = before;
  }
  for (const [name, nested] of Object.entries(block.block_types)) {
    const [before, after] = [prior[name] ?? null, planned[name] ?? null];
    const isFilled = filled.includes(name) && isZero(after);
    if (isFilled || sameNested(nested, before, after)) result[name] = before;
  }
  return result;
}

/** Names of the arguments and blocks in which two values differ. */
export function namesThatDiffer(block: Block, prior: ObjectValue, planned: ObjectValue): string[] {
  const names = [...Object.keys(block.attributes), ...Object.keys(block.block_types)];
  return names.filter((name) => renderKey(prior[name] ?? null) !== renderKey(planned[name] ?? null));
}

function sameBlock(block: Block, prior: ObjectValue, planned: ObjectValue): boolean {
  const attributes = Object.entries(block.attributes);
  const blocks = Object.entries(block.block_types);
  return (
    attributes.every(([name, attribute]) =>
      sameAttribute(attribute, prior[name] ?? null, planned[name] ?? null),
    ) && blocks.every(([name, nested]) => sameNested(nested, prior[name] ?? null, planned[name] ?? null))
  );
}

function sameAttribute(attribute: Attribute, prior: Value, planned: Value): boolean {
  if (isUnknown(planned)) return isUnknown(prior);
  if (planned === null && (attribute.computed || isZero(prior))) return true;
  if (prior === null && isZero(planned)) return true;
  return (
    sameJson(prior, planned) ||
    renderSettled(attribute.type, prior) === renderSettled(attribute.type, planned)
  );
}

function sameNested({ block, nesting_mode: mode }: NestedBlock, prior: Value, planned: Value): boolean {
  if (isZero(prior) && isZero(planned)) return true;
  if (isList(prior) && isList(planned)) {
    if (prior.length !== planned.length) return false;
    const same = (one: Value, other: Value | undefined) =>
      isObject(one) && isObject(other) && sameBlock(block, one, other);
    return mode === 'set'
      ? pairsUp(prior, planned, same)
      : prior.every((item, at) => same(item, planned[at]));
  }
  if (!isObject(prior) || !isObject(planned)) return false;
  if (mode === 'single') return sameBlock(block, prior, planned);
  return renderKey(prior) === renderKey(planned);
}

/** Finds for each member of one set another of the other set that means the same. */
function pairsUp(
  prior: readonly Value[],
  planned: readonly Value[],
  same: (one: Value, other: Value | undefined) => boolean,
): boolean {
  const left = [...prior];
  return planned.every((item) => {
    const at = left.findIndex((candidate) => same(candidate, item));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function renderSettled(type: Attribute['type'], value: Value): string {
  if (isList(value) && Array.isArray(type) && type[0] === 'set')
    return JSON.stringify(value.map((item) => renderKey(withoutZeros(item))).sort());
  return renderKey(value);
}

/** Members of a structure that is an argument may be left out as well. */
function withoutZeros(value: Value): Value {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => !isZero(inner)));
}

function isZero(value: Value): boolean {
  if (value === null || value === '' || value === 0 || value === false) return true;
  if (isList(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}
