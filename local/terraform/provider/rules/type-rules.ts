import type { Value } from '../../protocol/value.ts';

/**
 * What the extracted schema lost of one type. Names go through blocks with dots, `deployment_controller.type`.
 * Source: documentation of provider 6.66, read 2026-11; lists of values are those of the SDK, held equal by a test.
 */
export type TypeRules = {
  /** Value of an argument that is left out, where the provider has one. */
  defaults?: Readonly<Record<string, Value>>;
  /** Arguments and blocks that cannot be changed in place; `*` for all but tags. */
  replaces?: readonly string[];
  /** Results that any change makes unknown until it is applied. */
  recomputed?: readonly string[];
  /** Arguments and blocks that AWS fills where the configuration has none, and the schema does not say so. */
  filled?: readonly string[];
  /** Arguments that hold a secret: Terraform does not print them. */
  sensitive?: readonly string[];
  /** The values an argument may have. */
  enums?: Readonly<Record<string, readonly string[]>>;
  /** Arguments or blocks of which at most one may be written. */
  conflicts?: readonly (readonly string[])[];
  /** Arguments or blocks of which one must be written, and only one. */
  exactlyOne?: readonly (readonly string[])[];
};

export type RuleTable = Readonly<Record<string, TypeRules>>;
