import type { Value } from '../protocol/value.ts';

/** A structure of the SDK whose members are looked at before they are used. */
export type Shape = { readonly [name: string]: unknown };

/** Gives a structure, an empty one where there is none. */
export function shape(value: unknown): Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Shape) : {};
}

/** Gives the structures of a list, none where there is no list. */
export function shapes(value: unknown): Shape[] {
  return Array.isArray(value) ? value.map(shape) : [];
}

/** Gives the first structure of a list. */
export function first(value: unknown): Shape | undefined {
  return shapes(value)[0];
}

/** Gives a text, number or truth value of the SDK as a Terraform value; a date as ISO text; else `null`. */
export function plain(value: unknown): Value {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** Gives a text, empty where there is none. */
export function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

/** Gives the texts of a list. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

/** Leaves out members that are absent: to AWS nothing and `null` are not the same. */
export function present(value: Shape): Shape {
  return Object.fromEntries(
    Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null),
  );
}
