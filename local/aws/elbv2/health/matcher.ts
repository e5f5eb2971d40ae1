/** The success codes of a health check: inclusive ranges. */
export type CodeRange = readonly [from: number, to: number];

/**
 * Reads a matcher: `200`, `200,301`, `200-299` or a mix. `undefined` if it is malformed or leaves 200-499,
 * the range of an Application Load Balancer.
 */
export function tryParseMatcher(text: string): CodeRange[] | undefined {
  const ranges: CodeRange[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d{3})(?:-(\d{3}))?$/.exec(part.trim());
    if (!match) return undefined;
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (from < 200 || to > 499 || from > to) return undefined;
    ranges.push([from, to]);
  }
  return ranges;
}

export function isExpectedCode(code: number, matcher: string): boolean {
  return (tryParseMatcher(matcher) ?? []).some(([from, to]) => code >= from && code <= to);
}
