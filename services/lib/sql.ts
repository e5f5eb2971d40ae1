import { createHash } from 'node:crypto';

/** A statement with its values apart, as the driver sends it; `name` makes the server prepare it once a connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

interface Written {
  readonly name: string;
  readonly text: string;
}

/** What a template has been written as, by its place in the source and the names of the statements put into it. */
const written = new WeakMap<readonly string[], Map<string, Written>>();

/**
 * Writes a statement: every `${value}` becomes a numbered parameter, never part of the text.
 *
 * A `Statement` as value is put in as text, its own parameters renumbered, so that common parts can be shared.
 * Equal texts have equal names, whatever their values.
 */
export function sql(parts: TemplateStringsArray, ...values: readonly unknown[]): Statement {
  const nested = values.map((value) => (isStatement(value) ? value.name : '')).join();
  let byNested = written.get(parts);
  if (!byNested) {
    byNested = new Map();
    written.set(parts, byNested);
  }
  let known = byNested.get(nested);
  if (!known) {
    const text = write(parts, values);
    known = { name: nameOf(text), text };
    byNested.set(nested, known);
  }
  return { ...known, values: values.flatMap((value) => (isStatement(value) ? value.values : [value])) };
}

function write(parts: readonly string[], given: readonly unknown[]): string {
  let count = 0;
  let text = parts[0] ?? '';
  for (const [index, value] of given.entries()) {
    if (isStatement(value)) {
      const shift = count;
      text += value.text.replace(/\$(\d+)/g, (_all, number: string) => `$${Number(number) + shift}`);
      count += value.values.length;
    } else {
      count += 1;
      text += `$${count}`;
    }
    text += parts[index + 1] ?? '';
  }
  return text;
}

function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function isStatement(value: unknown): value is Statement {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'text' in value && 'values' in value
  );
}
