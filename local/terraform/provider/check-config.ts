import type { Diagnostic } from '../protocol/diagnostic.ts';
import { isList, isUnknown, type ObjectValue, type Value } from '../protocol/value.ts';
import type { Block } from '../schema/provider-schema.ts';
import { type Place, visitAttributes } from './block-values.ts';
import type { TypeRules } from './rules/type-rules.ts';

/**
 * Finds what Terraform itself cannot: a value for what the provider decides, a value that is none of an
 * argument's, arguments that exclude each other. Types, names, counts of blocks and what is required are
 * Terraform's own checks over the schema. An unknown value passes: it is looked at again when it is known.
 */
export function checkConfig(block: Block, config: ObjectValue, rules: TypeRules): Diagnostic[] {
  const found: Diagnostic[] = [];
  visitAttributes(block, config, (place) => {
    const wrong = checkComputedOnly(place) ?? checkEnum(place, rules);
    if (wrong) found.push(wrong);
  });
  for (const names of rules.conflicts ?? []) found.push(...checkAtMostOne(config, names));
  for (const names of rules.exactlyOne ?? []) found.push(...checkExactlyOne(config, names));
  return found;
}

function checkComputedOnly({ attribute, value, path, dotted }: Place): Diagnostic | undefined {
  if (!attribute.computed || attribute.optional || value === null) return undefined;
  return {
    summary: 'Value for unconfigurable attribute',
    detail: `Can't configure a value for "${dotted}": its value will be decided automatically based on the result of applying this configuration.`,
    path,
  };
}

function checkEnum({ value, path, dotted }: Place, rules: TypeRules): Diagnostic | undefined {
  const allowed = rules.enums?.[dotted];
  if (allowed === undefined) return undefined;
  const wrong = (isList(value) ? value : [value]).find(
    (item) =>
      (typeof item === 'number' || (typeof item === 'string' && item !== '')) &&
      !allowed.includes(String(item)),
  );
  if (wrong === undefined) return undefined;
  return {
    summary: `Invalid value for ${dotted}`,
    detail: `expected ${dotted} to be one of ${JSON.stringify(allowed)}, got ${String(wrong)}`,
    path,
  };
}

function checkAtMostOne(config: ObjectValue, names: readonly string[]): Diagnostic[] {
  const [first, second] = names.filter((name) => isWritten(config[name]));
  if (first === undefined || second === undefined) return [];
  const detail = `"${first}": conflicts with ${second}. Write one of ${names.join(', ')}.`;
  return [{ summary: 'Conflicting configuration arguments', detail, path: [first] }];
}

function checkExactlyOne(config: ObjectValue, names: readonly string[]): Diagnostic[] {
  const written = names.filter((name) => isWritten(config[name]));
  if (written.length === 1 || names.some((name) => isUnknown(config[name]))) return [];
  const detail = `one of ${names.join(', ')} must be written, and only one; ${written.length === 0 ? 'none is' : `${written.join(' and ')} are`}.`;
  const [first] = written;
  return [{ summary: 'Invalid combination of arguments', detail, path: first === undefined ? [] : [first] }];
}

function isWritten(value: Value | undefined): boolean {
  if (value === undefined || value === null || isUnknown(value)) return false;
  return !(isList(value) && value.length === 0);
}
