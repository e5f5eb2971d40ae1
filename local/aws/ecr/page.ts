import { AwsFault } from '../fault.ts';

/**
 * Cuts one page out of a list. The token says where the next page begins; there is none on the last.
 * Throws `InvalidParameterException` for a token that this did not give.
 */
export function pageOf<T>(
  all: readonly T[],
  { maxResults = 100, nextToken }: { maxResults?: number; nextToken?: string },
): { items: T[]; nextToken?: string } {
  const start = nextToken === undefined ? 0 : Number(nextToken.match(/^page-(\d+)$/)?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) {
    throw new AwsFault('InvalidParameterException', `Invalid parameter at 'nextToken': '${nextToken}'.`);
  }
  const end = start + maxResults;
  return { items: all.slice(start, end), ...(end < all.length ? { nextToken: `page-${end}` } : {}) };
}
