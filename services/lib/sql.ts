import { createHash } from 'node:crypto';

/** A statement with its values apart, as the driver sends it; `name` makes the server prepare it once a connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

const names = new WeakMap<readonly string[], { name: string; text: string }>();

/**
 * Writes a statement: every `${value}` becomes a numbered parameter, never part of the text.
 *
 * A `Statement` as value is put in as text, its own parameters renumbered, so that common parts can be shared.
 * Equal texts have equal names, whatever their values.
 */
export function sql(parts: TemplateStringsArray, ...values: readonly unknown[]): Statement {
  if (values.some(isStatement)) return compose(parts, values);
  let known = names.get(parts);
  if (!known) {
    const text = parts.reduce((before, part, index) => `${before}$${index}${part}`);
    known = { name: nameOf(text), text };
    names.set(parts, known);
  }
  return { ...known, values };
}

function compose(parts: TemplateStringsArray, given: readonly unknown[]): Statement {
  const values: unknown[] = [];
  let text = parts[0] ?? '';
  for (const [index, value] of given.entries()) {
    if (isStatement(value)) {
      const shift = values.length;
      text += value.text.replace(/\$(\d+)/g, (_all, number: string) => `$${Number(number) + shift}`);
      values.push(...value.values);
    } else {
      values.push(value);
      text += `$${values.length}`;
    }
    text += parts[index + 1] ?? '';
  }
  return { name: nameOf(text), text, values };
}

function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function isStatement(value: unknown): value is Statement {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'text' in value && 'values' in value
  );
}
