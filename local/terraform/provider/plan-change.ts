import type { AttributePath } from '../protocol/diagnostic.ts';
import type { PlannedChange } from '../protocol/provider.ts';
import {
  isList,
  isObject,
  type ObjectValue,
  renderKey,
  sameMembers,
  UNKNOWN,
  type Value,
} from '../protocol/value.ts';
import type { Block } from '../schema/provider-schema.ts';
import { mapAttributes } from './block-values.ts';
import { sameJson } from './json-text.ts';
import { joinTags, type ProviderSettings } from './provider-settings.ts';
import type { TypeRules } from './rules/type-rules.ts';

export type ChangeRequest = {
  block: Block;
  rules: TypeRules;
  settings: ProviderSettings;
  /** `null` when the resource is to be created. */
  prior: ObjectValue | null;
  proposed: ObjectValue;
};

/**
 * Plans one resource as the provider's SDK does: what is left out takes its default, what the provider decides is
 * unknown at creation and stays as it was at a change, unless the change decides it anew.
 */
export function planChange({ block, rules, settings, prior, proposed }: ChangeRequest): PlannedChange {
  const wanted = complete(block, proposed, rules, settings);
  if (prior === null) return { planned: withUnknowns(block, wanted), replaces: [] };
  const settled = keepSameTexts(block, prior, wanted);
  const changed = changedNames(block, prior, settled);
  if (changed.length === 0) return { planned: { ...settled, ...pick(prior, blocksIn(block)) }, replaces: [] };
  const replaces = pathsToReplace(block, rules, prior, settled, changed);
  const recomputed = (rules.recomputed ?? []).map((name) => [name, UNKNOWN] as const);
  return { planned: { ...settled, ...Object.fromEntries(recomputed) }, replaces };
}

/** A write-only argument is never kept. */
export function dropWriteOnly(block: Block, value: ObjectValue): ObjectValue {
  return mapAttributes(block, value, (place) => (place.attribute.write_only ? null : place.value));
}

function complete(
  block: Block,
  proposed: ObjectValue,
  rules: TypeRules,
  settings: ProviderSettings,
): ObjectValue {
  const filled = mapAttributes(block, proposed, ({ attribute, value, dotted }) => {
    if (attribute.write_only) return null;
    return value ?? rules.defaults?.[dotted] ?? null;
  });
  const { region, tags_all: tagsAll } = block.attributes;
  return {
    ...filled,
    ...(region?.computed && { region: filled.region ?? settings.region }),
    ...(tagsAll?.computed && { tags_all: joinTags(filled.tags ?? null, settings.defaultTags) }),
  };
}

function withUnknowns(block: Block, value: ObjectValue): ObjectValue {
  return mapAttributes(block, value, ({ attribute, value: written }) =>
    attribute.computed && written === null ? UNKNOWN : written,
  );
}

/** Keeps the text in state where the new one is the same JSON, as the provider's SDK does for documents. */
function keepSameTexts(block: Block, prior: ObjectValue, wanted: ObjectValue): ObjectValue {
  const kept = Object.keys(block.attributes).filter((name) => sameJson(prior[name], wanted[name]));
  return { ...wanted, ...pick(prior, kept) };
}

function changedNames(block: Block, prior: ObjectValue, planned: ObjectValue): string[] {
  const names = [...Object.keys(block.attributes), ...Object.keys(block.block_types)];
  return names.filter((name) => !sameIn(block, name, prior[name] ?? null, planned[name] ?? null));
}

function sameIn(block: Block, name: string, left: Value, right: Value): boolean {
  if (isSet(block, name) && isList(left) && isList(right)) return sameMembers(left, right);
  return renderKey(emptyAsNull(left)) === renderKey(emptyAsNull(right));
}

function isSet(block: Block, name: string): boolean {
  const type = block.attributes[name]?.type;
  return block.block_types[name]?.nesting_mode === 'set' || (Array.isArray(type) && type[0] === 'set');
}

/** To the provider's SDK nothing and an empty text, list or map are the same. */
function emptyAsNull(value: Value): Value {
  if (value === '' || (isList(value) && value.length === 0)) return null;
  return isObject(value) && Object.keys(value).length === 0 ? null : value;
}

/** `a` and `a.b` both stand for the argument or block `a`: Terraform is told the outermost name. */
function pathsToReplace(
  block: Block,
  rules: TypeRules,
  prior: ObjectValue,
  planned: ObjectValue,
  changed: readonly string[],
): AttributePath[] {
  const listed = rules.replaces ?? [];
  const replacing = changed.filter((name) => {
    if (name === 'tags' || name === 'tags_all') return false;
    if (name === 'region') return true;
    if (listed.includes('*') && !isDecided(block, name)) return true;
    if (listed.includes(name)) return true;
    const inner = listed
      .filter((path) => path.startsWith(`${name}.`))
      .map((path) => path.split('.').slice(1));
    return inner.some(
      (steps) => renderKey(valuesAt(prior[name], steps)) !== renderKey(valuesAt(planned[name], steps)),
    );
  });
  return replacing.map((name) => [name]);
}

function isDecided(block: Block, name: string): boolean {
  const attribute = block.attributes[name];
  return attribute?.computed === true && !attribute.optional;
}

/** All values of an argument inside repeated blocks. */
function valuesAt(value: Value | undefined, steps: readonly string[]): Value {
  if (isList(value)) return value.map((item) => valuesAt(item, steps));
  const [step, ...rest] = steps;
  if (step === undefined) return value ?? null;
  return isObject(value) ? valuesAt(value[step], rest) : null;
}

function blocksIn(block: Block): string[] {
  return Object.keys(block.block_types);
}

function pick(value: ObjectValue, names: readonly string[]): ObjectValue {
  return Object.fromEntries(names.map((name) => [name, value[name] ?? null]));
}
