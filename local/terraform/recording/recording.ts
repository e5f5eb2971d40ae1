import { isList, isObject, isUnknown, type ObjectValue, UNKNOWN, type Value } from '../protocol/value.ts';
import type { ProviderSettings } from '../provider/provider-settings.ts';

/** One thing Terraform asked its provider for: to look something up, or to make something. */
export type RecordedCall = {
  kind: 'look' | 'create';
  typeName: string;
  settings: ProviderSettings;
  /** Arguments; what the provider decides is open. */
  asked: ObjectValue;
  /** What it was told, made up: later calls are written with it. */
  told: ObjectValue;
};

/** A stack's plan as it was carried out: its calls in an order that works, and its outputs. */
export type RecordedStack = { calls: readonly RecordedCall[]; outputs: Readonly<Record<string, Value>> };

/** An open value in JSON, which has no word for it. */
const OPEN = { $open: true };

/** Gives a recorded stack as JSON text. What is absent is left out. */
export function writeRecording(stack: RecordedStack): string {
  return JSON.stringify({ ...stack, calls: stack.calls.map(closed) });
}

/** Reads what `writeRecording` gave. */
export function readRecording(text: string): RecordedStack {
  const { calls, outputs } = JSON.parse(text) as RecordedStack;
  const opened = calls.map((call) => ({
    ...call,
    asked: mapLeaves(call.asked, reopened) as ObjectValue,
    told: mapLeaves(call.told, reopened) as ObjectValue,
  }));
  return { calls: opened, outputs };
}

/** Gives a value with every leaf changed; objects that `change` knows are leaves too. */
export function mapLeaves(value: Value, change: (leaf: Value) => Value): Value {
  const changed = change(value);
  if (changed !== value) return changed;
  if (isList(value)) return value.map((item) => mapLeaves(item, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapLeaves(item, change)]));
}

function closed(call: RecordedCall): RecordedCall {
  const written = (value: ObjectValue) => {
    const present = Object.entries(value).filter(([, item]) => item !== null);
    const leaf = (item: Value): Value => (isUnknown(item) ? OPEN : item);
    return mapLeaves(Object.fromEntries(present), leaf) as ObjectValue;
  };
  return { ...call, asked: written(call.asked), told: written(call.told) };
}

const reopened = (leaf: Value): Value => (isObject(leaf) && leaf.$open === true ? UNKNOWN : leaf);
