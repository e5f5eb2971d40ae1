import { matchesPattern } from '../glob.ts';

/** Condition keys, in lower case, with the values a request has for them; an absent key has no value. */
export type ConditionContext = ReadonlyMap<string, readonly string[]>;

type Test = { negated: boolean; matches: (policyValue: string, value: string) => boolean };

const equals: Test['matches'] = (a, b) => a === b;
const equalsIgnoreCase: Test['matches'] = (a, b) => a.toLowerCase() === b.toLowerCase();

const TESTS: Readonly<Record<string, Test>> = {
  stringequals: { negated: false, matches: equals },
  stringnotequals: { negated: true, matches: equals },
  stringequalsignorecase: { negated: false, matches: equalsIgnoreCase },
  stringnotequalsignorecase: { negated: true, matches: equalsIgnoreCase },
  stringlike: { negated: false, matches: matchesPattern },
  stringnotlike: { negated: true, matches: matchesPattern },
  arnequals: { negated: false, matches: matchesPattern },
  arnnotequals: { negated: true, matches: matchesPattern },
  arnlike: { negated: false, matches: matchesPattern },
  arnnotlike: { negated: true, matches: matchesPattern },
  bool: { negated: false, matches: equalsIgnoreCase },
};

/**
 * Whether every condition of a policy statement holds for a request.
 *
 * `condition` is the statement's `Condition` element, absent when there is none. Keys are compared without
 * regard to case, values with it. An operator or form that is not known here gives `ifUnknown`, so that the
 * caller can make it refuse in an allow and in a deny alike.
 * Source: IAM user guide, "IAM JSON policy elements: Condition operators" (read 2026-11).
 */
export function conditionsHold(condition: unknown, context: ConditionContext, ifUnknown: boolean): boolean {
  if (condition === undefined || condition === null) return true;
  if (typeof condition !== 'object') return ifUnknown;
  return Object.entries(condition).every(([operator, keys]: [string, unknown]) => {
    if (typeof keys !== 'object' || keys === null) return ifUnknown;
    return Object.entries(keys).every(([key, values]: [string, unknown]) =>
      holds(operator, asTexts(values), context.get(key.toLowerCase()), ifUnknown),
    );
  });
}

function asTexts(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map(String);
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
  const test = TESTS[name];
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
