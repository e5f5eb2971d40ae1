import { isIP } from 'node:net';
import { isInRange } from './ip-range.ts';
import { type ConditionContext, expandVariables, matchesArn, matchesGlob, plainText } from './pattern.ts';
import { isRecord } from './policy.ts';

/** How a value of a request is compared with one of a policy, in which variables have been filled in. */
type Test = { negated: boolean; matches: (policyValue: string, value: string) => boolean };

const equals: Test['matches'] = (a, b) => plainText(a) === b;
const equalsIgnoreCase: Test['matches'] = (a, b) => plainText(a).toLowerCase() === b.toLowerCase();
const inRange: Test['matches'] = (range, value) => isIP(value) !== 0 && isInRange(range, value);

const is = (matches: Test['matches']): Test => ({ negated: false, matches });
const isNot = (matches: Test['matches']): Test => ({ negated: true, matches });

/** Comparisons of numbers, or of dates as their epoch milliseconds. */
function ordered(read: (text: string) => number): Record<string, Test> {
  const by = (holds: (difference: number) => boolean): Test['matches'] => {
    return (a, b) => holds(read(b) - read(plainText(a)));
  };
  return {
    equals: is(by((d) => d === 0)),
    notequals: isNot(by((d) => d === 0)),
    lessthan: is(by((d) => d < 0)),
    lessthanequals: is(by((d) => d <= 0)),
    greaterthan: is(by((d) => d > 0)),
    greaterthanequals: is(by((d) => d >= 0)),
  };
}

const named = (prefix: string, tests: Record<string, Test>): Record<string, Test> =>
  Object.fromEntries(Object.entries(tests).map(([name, test]) => [prefix + name, test]));

/** By the operator's name in lower case. A `Map`, since names come from policies. */
const TESTS: ReadonlyMap<string, Test> = new Map(
  Object.entries({
    stringequals: is(equals),
    stringnotequals: isNot(equals),
    stringequalsignorecase: is(equalsIgnoreCase),
    stringnotequalsignorecase: isNot(equalsIgnoreCase),
    stringlike: is(matchesGlob),
    stringnotlike: isNot(matchesGlob),
    arnequals: is(matchesArn),
    arnnotequals: isNot(matchesArn),
    arnlike: is(matchesArn),
    arnnotlike: isNot(matchesArn),
    bool: is(equalsIgnoreCase),
    binaryequals: is(equals),
    ipaddress: is(inRange),
    notipaddress: isNot(inRange),
    ...named('numeric', ordered(Number)),
    ...named('date', ordered(readDate)),
  }),
);

/** ISO 8601, or epoch seconds. */
function readDate(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

/** How conditions are read: with or without variables, and what a form that is not known here counts as. */
export type ConditionReading = { hasVariables: boolean; ifUnknown: boolean };

/**
 * Whether every condition of a policy statement holds for a request.
 *
 * `condition` is the statement's `Condition` element, absent when there is none. Keys are compared without
 * regard to case, values with it. An operator or form that is not known here gives `ifUnknown`, so that the
 * caller can make it refuse in an allow and in a deny alike.
 * Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Multivalued context keys"
 * (read 2026-11).
 */
export function conditionsHold(
  condition: unknown,
  context: ConditionContext,
  reading: ConditionReading,
): boolean {
  if (condition === undefined || condition === null) return true;
  if (!isRecord(condition)) return reading.ifUnknown;
  return Object.entries(condition).every(([operator, keys]) => {
    if (!isRecord(keys)) return reading.ifUnknown;
    return Object.entries(keys).every(([key, values]) =>
      holds(operator, fill(values, context, reading), context.get(key.toLowerCase()), reading.ifUnknown),
    );
  });
}

/** The policy's values with variables filled in; one whose variable has no value matches nothing and is left out. */
function fill(values: unknown, context: ConditionContext, { hasVariables }: ConditionReading): string[] {
  const list: unknown[] = Array.isArray(values) ? values : [values];
  const texts = list.map(String);
  if (!hasVariables) return texts;
  return texts.map((text) => expandVariables(text, context)).filter((text) => text !== undefined);
}

function holds(
  operator: string,
  policyValues: readonly string[],
  values: readonly string[] | undefined,
  ifUnknown: boolean,
): boolean {
  const [, quantifier, name = '', ifExists] =
    operator.toLowerCase().match(/^(foranyvalue:|forallvalues:)?([a-z]+?)(ifexists)?$/) ?? [];
  if (name === 'null')
    return policyValues.some((value) => (value.toLowerCase() === 'true') === !values?.length);
  const test = TESTS.get(name);
  if (!test) return ifUnknown;
  const passes = (value: string) =>
    policyValues.some((policyValue) => test.matches(policyValue, value)) !== test.negated;
  if (!values?.length) return absentHolds(quantifier, ifExists !== undefined || test.negated);
  return quantifier === 'foranyvalue:' ? values.some(passes) : values.every(passes);
}

/** A key without a value: never "any of them", always "all of them", else by operator and `IfExists`. */
function absentHolds(quantifier: string | undefined, otherwise: boolean): boolean {
  if (quantifier === 'forallvalues:') return true;
  if (quantifier === 'foranyvalue:') return false;
  return otherwise;
}
