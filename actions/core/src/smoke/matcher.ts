import { isDeepStrictEqual } from 'node:util';
import type { Matcher } from './check.ts';

/** One thing that does not hold: what was looked at, what was expected there, and what was found. */
export interface Mismatch {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** An operator: whether it holds for a value that is there, and how it is said. */
interface Operator<T> {
  holds(value: unknown, operand: T): boolean;
  say(operand: T): string;
}

const OPERATORS: { readonly [O in Exclude<keyof Matcher, 'exists'>]-?: Operator<NonNullable<Matcher[O]>> } = {
  equals: { holds: (value, operand) => isDeepStrictEqual(value, operand), say: renderJson },
  not: { holds: (value, operand) => !isDeepStrictEqual(value, operand), say: (o) => `not ${renderJson(o)}` },
  contains: {
    holds: (value, operand) =>
      typeof value === 'string'
        ? value.includes(String(operand))
        : Array.isArray(value) && value.some((item) => isDeepStrictEqual(item, operand)),
    say: (o) => `something that contains ${renderJson(o)}`,
  },
  'starts-with': {
    holds: (value, operand) => typeof value === 'string' && value.startsWith(operand),
    say: (o) => `a text that starts with ${renderJson(o)}`,
  },
  'at-least': {
    holds: (value, operand) => typeof value === 'number' && value >= operand,
    say: (o) => `at least ${o}`,
  },
  'at-most': {
    holds: (value, operand) => typeof value === 'number' && value <= operand,
    say: (o) => `at most ${o}`,
  },
  length: {
    holds: (value, operand) =>
      (typeof value === 'string' || Array.isArray(value)) && value.length === operand,
    say: (o) => `a length of ${o}`,
  },
};

/**
 * Holds the values found at one place against a matcher: every value must satisfy every operator, and there must be
 * at least one, unless `exists: false` wants none. Gives what does not hold; empty when all does.
 */
export function matchValues(what: string, values: readonly unknown[], matcher: Matcher): Mismatch[] {
  if (matcher.exists === false) {
    const [first] = values;
    return values.length === 0 ? [] : [{ what, expected: 'nothing', actual: renderJson(first) }];
  }
  if (values.length === 0) return [{ what, expected: sayAll(matcher), actual: 'nothing' }];
  return operatorsOf(matcher).flatMap(([operator, operand]) => {
    const wrong = values.find((value) => !operator.holds(value, operand));
    const isWrong = values.some((value) => !operator.holds(value, operand));
    return isWrong ? [{ what, expected: operator.say(operand), actual: renderJson(wrong) }] : [];
  });
}

function operatorsOf(matcher: Matcher): [Operator<unknown>, unknown][] {
  return Object.entries(OPERATORS)
    .filter(([name]) => Object.hasOwn(matcher, name))
    .map(([name, operator]) => [operator as Operator<unknown>, matcher[name as keyof Matcher]]);
}

function sayAll(matcher: Matcher): string {
  const said = operatorsOf(matcher).map(([operator, operand]) => operator.say(operand));
  return said.length > 0 ? said.join(' and ') : 'a value';
}

/** A value on one line, cut to what fits a table. */
export function renderJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 197)}…` : text;
}
