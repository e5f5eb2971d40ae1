import { renderKey, type Value } from '../protocol/value.ts';

/** Says whether two texts are JSON documents that mean the same. */
export function sameJson(left: Value | undefined, right: Value | undefined): boolean {
  if (typeof left !== 'string' || typeof right !== 'string') return false;
  const [one, other] = [tryParseDocument(left), tryParseDocument(right)];
  return one !== undefined && other !== undefined && renderKey(one) === renderKey(other);
}

/** Reads a JSON object or list; anything else is a plain text to us. */
function tryParseDocument(text: string): Value | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}
