import type { Value } from '../../protocol/value.ts';

/**
 * What the extracted schema lost of one type. Names go through blocks with dots, `deployment_controller.type`.
 * Source: documentation of provider 6.66 and the SDK's enums.
 */
export type TypeRules = {
  /** Value of an argument that is left out, where the provider has one. */
  defaults?: Readonly<Record<string, Value>>;
  /** Arguments that cannot be changed in place; `*` for all. */
  replaces?: readonly string[];
  /** Results that a change makes unknown until it is applied. */
  recomputed?: readonly string[];
  /** The values an argument may have. */
  enums?: Readonly<Record<string, readonly string[]>>;
  /** Arguments of which at most one may be written. */
  conflicts?: readonly (readonly string[])[];
  /** Arguments of which one must be written, and only one. */
  exactlyOne?: readonly (readonly string[])[];
};

const rules: Readonly<Record<string, TypeRules>> = {};

/** Gives the rules of a resource type; none where it has no row. */
export function rulesOf(typeName: string): TypeRules {
  return rules[typeName] ?? {};
}
