import { decode, ExtensionCodec, encode } from '@msgpack/msgpack';

/** A value that is known only after apply. There is one, `UNKNOWN`. */
class Unknown {
  readonly known = false;
  toString(): string {
    return '(known after apply)';
  }
}

export const UNKNOWN = new Unknown();

/** A value of Terraform's value system; sets are arrays in any order, an absent argument is `null`. */
export type Value = null | string | number | boolean | Unknown | readonly Value[] | ObjectValue;
export type ObjectValue = { readonly [name: string]: Value };

/** Extension 0 is an unknown value, 12 one of which something is known; both are read as unknown. */
const extensions = new ExtensionCodec();
extensions.register({
  type: 0,
  encode: (value) => (value instanceof Unknown ? new Uint8Array([0]) : null),
  decode: () => UNKNOWN,
});
extensions.register({ type: 12, encode: () => null, decode: () => UNKNOWN });

/** Writes a value as Terraform's plugin protocol carries it (msgpack, docs/plugin-protocol/object-wire-format.md). */
export function encodeValue(value: Value): Buffer {
  return Buffer.from(encode(value, { extensionCodec: extensions }));
}

/** Reads a value off the wire. Numbers are doubles: an integer over 2^53 loses digits. */
export function decodeValue(bytes: Uint8Array): Value {
  return decode(bytes, { extensionCodec: extensions }) as Value;
}

export function isUnknown(value: Value | undefined): value is Unknown {
  return value instanceof Unknown;
}

export function isObject(value: Value | undefined): value is ObjectValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isUnknown(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Says whether a value or anything inside it is unknown. */
export function hasUnknown(value: Value): boolean {
  if (isUnknown(value)) return true;
  if (isList(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** Compares two lists as sets. */
export function sameMembers(left: readonly Value[], right: readonly Value[]): boolean {
  return JSON.stringify(left.map(renderKey).sort()) === JSON.stringify(right.map(renderKey).sort());
}

/** One text for equal values, whatever the order of their names. Unknown equals only unknown. */
export function renderKey(value: Value): string {
  if (isUnknown(value)) return '?';
  if (isList(value)) return `[${value.map(renderKey).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${renderKey(value[name] ?? null)}`).join(',')}}`;
}
