/** Condition keys, in lower case, with the values a request has for them; an absent key has no value. */
export type ConditionContext = ReadonlyMap<string, readonly string[]>;

/** Stand for a `*` and a `?` that are meant as such; from a private-use area, so that no policy has them. */
const STAR = '\uE000';
const MARK = '\uE001';

/**
 * Puts the values of a request in the place of a policy's variables (`${aws:PrincipalTag/team, 'none'}`).
 *
 * The result is a pattern for `matchesGlob` and `matchesArn`, or for `plainText`. It is `undefined` when a
 * variable has no value, or several, and no default: then the text matches nothing.
 * Source: IAM user guide, "IAM policy elements: Variables and tags" (read 2026-11).
 */
export function expandVariables(text: string, context: ConditionContext): string | undefined {
  let isWhole = true;
  const expanded = text.replace(/\$\{([^}]*)\}/g, (_match, inner: string) => {
    const value = variableValue(inner, context);
    isWhole &&= value !== undefined;
    return escapeWildcards(value ?? '');
  });
  return isWhole ? expanded : undefined;
}

function variableValue(inner: string, context: ConditionContext): string | undefined {
  if (inner === '*' || inner === '?' || inner === '$') return inner;
  const [, key = '', fallback] = inner.match(/^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/) ?? [];
  const values = context.get(key.toLowerCase()) ?? [];
  return values.length === 1 ? values[0] : fallback;
}

const escapeWildcards = (value: string): string => value.replaceAll('*', STAR).replaceAll('?', MARK);

/** The text itself, for comparisons in which `*` and `?` are no wildcards. */
export const plainText = (text: string): string => text.replaceAll(STAR, '*').replaceAll(MARK, '?');

/** Matches a whole text: `*` stands for any characters, none included, and `?` for one. */
export function matchesGlob(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
    .replaceAll(STAR, '\\*')
    .replaceAll(MARK, '\\?');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Matches an ARN part by part: a wildcard does not reach over the first five colons. */
export function matchesArn(pattern: string, arn: string): boolean {
  const patterns = arnParts(pattern);
  const parts = arnParts(arn);
  return (
    patterns.length === 6 &&
    parts.length === 6 &&
    patterns.every((part, index) => matchesGlob(part, parts[index] ?? ''))
  );
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
