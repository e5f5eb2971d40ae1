import { isList, isObject, isUnknown, type ObjectValue, type Value } from '../protocol/value.ts';
import type { Backend, Context } from '../provider/backend.ts';
import { emptyValue } from '../provider/empty-value.ts';
import type { ProviderSchema } from '../schema/provider-schema.ts';
import { readProviderSchema } from '../schema/schema-file.ts';
import type { Stack } from '../stack.ts';
import { mapLeaves, type RecordedCall, type RecordedStack } from './recording.ts';

/** Shorter texts stand in other words by chance. */
const LEAST_LENGTH = 6;

type Made = { context: Context; state: ObjectValue };

/**
 * Stacks without Terraform, each standing on those before it: their recorded plans are carried out on a back end, call
 * by call. Results that were made up when they were recorded give way to those the back end gives, wherever later calls
 * and outputs name them. They cannot plan: to compare code with what is there takes Terraform itself.
 */
export function openRecordedStacks<Name extends string>(
  plans: Readonly<Record<Name, RecordedStack>>,
  backend: Backend,
): Record<Name, Stack> {
  const actual = new Map<string, string>();
  const stacks = Object.entries<RecordedStack>(plans).map(
    ([name, recorded]) => [name, openRecordedStack(name, { recorded, backend, actual })] as const,
  );
  return Object.fromEntries(stacks) as Record<Name, Stack>;
}

type Translated = { recorded: RecordedStack; backend: Backend; actual: Map<string, string> };

function openRecordedStack(name: string, { recorded, backend, actual }: Translated): Stack {
  const made: Made[] = [];
  const translate = (value: Value): Value =>
    mapLeaves(value, (leaf) => (typeof leaf === 'string' ? translated(leaf, actual) : leaf));
  return {
    name,
    init: async () => undefined,
    async apply() {
      const schema = await readProviderSchema();
      for (const call of recorded.calls) {
        const context = contextOf(schema, call);
        const asked = { ...emptyValue(context.block), ...(translate(call.asked) as ObjectValue) };
        const state =
          call.kind === 'create'
            ? await backend.create(context, asked)
            : await backend.readData(context, asked);
        if (call.kind === 'create') made.push({ context, state });
        learn(call, state, actual);
      }
    },
    async plan() {
      throw new Error('A recorded plan cannot be compared with what is there: that takes Terraform.');
    },
    async destroy() {
      for (let last = made.at(-1); last !== undefined; last = made.at(-1)) {
        await backend.delete(last.context, last.state);
        made.pop();
      }
    },
    async output<T>(output: string) {
      return translate(recorded.outputs[output] ?? null) as T;
    },
    count: async () => made.length,
  };
}

function contextOf(
  { resources, dataSources, ephemeralResources }: ProviderSchema,
  call: RecordedCall,
): Context {
  const { kind, typeName, settings } = call;
  const block =
    kind === 'create' ? resources[typeName] : (dataSources[typeName] ?? ephemeralResources[typeName]);
  if (block === undefined)
    throw new Error(`The recorded plan has ${typeName}, which the schema has not: record it again.`);
  return { typeName, block, settings };
}

/** Takes in what was made up at the recording and is otherwise now, the words that were open only. */
function learn({ asked, told }: RecordedCall, state: ObjectValue, actual: Map<string, string>): void {
  for (const [name, before] of Object.entries(told)) {
    const given = asked[name] ?? null;
    if (given === null || isUnknown(given) || isObject(given)) pair(before, state[name] ?? null, actual);
  }
}

function pair(before: Value, now: Value, actual: Map<string, string>): void {
  if (typeof before === 'string') {
    if (typeof now === 'string' && before !== now && before.length >= LEAST_LENGTH) actual.set(before, now);
    return;
  }
  const [left, right] = [membersOf(before), membersOf(now)];
  for (const [name, item] of Object.entries(left)) pair(item, right[name] ?? null, actual);
}

/** Members of a structure by name, of a list by their place. */
const membersOf = (value: Value): ObjectValue =>
  (isObject(value) || isList(value) ? { ...value } : {}) as ObjectValue;

/** A text with every word of the recording in it replaced, the longest first: an ARN holds an id. */
function translated(text: string, actual: ReadonlyMap<string, string>): string {
  const exact = actual.get(text);
  if (exact !== undefined) return exact;
  const held = [...actual.keys()].filter((word) => text.includes(word)).sort((a, b) => b.length - a.length);
  if (held.length === 0) return text;
  const pattern = new RegExp(held.map((word) => escaped(word)).join('|'), 'g');
  return text.replace(pattern, (word) => actual.get(word) ?? word);
}

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
