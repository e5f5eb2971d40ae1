import type { AttributePath } from '../protocol/diagnostic.ts';
import type { PlannedChange } from '../protocol/provider.ts';
import { isList, isObject, type ObjectValue, renderKey, UNKNOWN, type Value } from '../protocol/value.ts';
import type { Block } from '../schema/provider-schema.ts';
import { mapAttributes } from './block-values.ts';
import { joinTags, type ProviderSettings } from './provider-settings.ts';
import type { TypeRules } from './rules/type-rules.ts';
import { namesThatDiffer, settle } from './settle.ts';

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
  const settled = settle(block, prior, wanted, rules.filled);
  const changed = namesThatDiffer(block, prior, settled);
  if (changed.length === 0) return { planned: settled, replaces: [] };
  const recomputed = (rules.recomputed ?? []).map((name) => [name, UNKNOWN] as const);
  return {
    planned: { ...settled, ...Object.fromEntries(recomputed) },
    replaces: pathsToReplace(block, rules.replaces ?? [], prior, settled, changed),
  };
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

/** `a` and `a.b` both stand for the argument or block `a`: Terraform is told the outermost name. */
function pathsToReplace(
  block: Block,
  listed: readonly string[],
  prior: ObjectValue,
  planned: ObjectValue,
  changed: readonly string[],
): AttributePath[] {
  const replacing = changed.filter((name) => {
    if (name === 'tags' || name === 'tags_all') return false;
    if (name === 'region' || listed.includes(name)) return true;
    if (listed.includes('*')) return !isDecided(block, name);
    const inner = listed
      .filter((path) => path.startsWith(`${name}.`))
      .map((path) => path.split('.').slice(1));
    return inner.some((steps) => differAt(prior[name], planned[name], steps));
  });
  return replacing.map((name) => [name]);
}

function isDecided(block: Block, name: string): boolean {
  const attribute = block.attributes[name];
  return attribute?.computed === true && !attribute.optional;
}

function differAt(prior: Value | undefined, planned: Value | undefined, steps: readonly string[]): boolean {
  return renderKey(valuesAt(prior, steps)) !== renderKey(valuesAt(planned, steps));
}

/** All values of an argument inside repeated blocks. */
function valuesAt(value: Value | undefined, steps: readonly string[]): Value {
  if (isList(value)) return value.map((item) => valuesAt(item, steps));
  const [step, ...rest] = steps;
  if (step === undefined) return value ?? null;
  return isObject(value) ? valuesAt(value[step], rest) : null;
}
