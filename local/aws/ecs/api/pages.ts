import { invalid } from './entry.ts';

const MOST_PER_PAGE = 100;

/**
 * Cuts one page out of a list. A token names the last item of the page before, so that items that come or go
 * in between neither repeat nor hide others; a token that names none is refused.
 */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
): { items: T[]; nextToken?: string } {
  if (maxResults !== undefined && (maxResults < 1 || maxResults > MOST_PER_PAGE)) {
    throw invalid(`maxResults must be between 1 and ${MOST_PER_PAGE}.`);
  }
  const start = nextToken === undefined ? 0 : indexAfter(items, keyOf, nextToken);
  const end = start + (maxResults ?? MOST_PER_PAGE);
  const shown = items.slice(start, end);
  const last = shown.at(-1);
  if (end >= items.length || last === undefined) return { items: shown };
  return { items: shown, nextToken: Buffer.from(keyOf(last)).toString('base64url') };
}

function indexAfter<T>(items: readonly T[], keyOf: (item: T) => string, token: string): number {
  const key = Buffer.from(token, 'base64url').toString();
  const index = items.findIndex((item) => keyOf(item) === key);
  if (index < 0) throw invalid('Invalid token.');
  return index + 1;
}
