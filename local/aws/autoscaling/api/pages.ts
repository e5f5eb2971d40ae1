import { AwsFault } from '../../fault.ts';
import { mustBeWithin } from './constraints.ts';

export type PageOf = { MaxResults?: number | undefined; NextToken?: string | undefined };

/** The rule for `MaxResults`, from 1 to `most`. */
export const pageSizeRule = ({ MaxResults }: PageOf, most: number) =>
  mustBeWithin('MaxResults', MaxResults, { least: 1, most });

/**
 * Cuts one page out of a list, `most` items unless the caller asks for fewer. A token names the last item of the
 * page before; one that names none is refused.
 */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { MaxResults, NextToken }: PageOf,
  most: number,
): { items: T[]; NextToken?: string } {
  const start = NextToken === undefined ? 0 : indexAfter(items, keyOf, NextToken);
  const end = start + (MaxResults ?? most);
  const shown = items.slice(start, end);
  const last = shown.at(-1);
  if (end >= items.length || last === undefined) return { items: shown };
  return { items: shown, NextToken: Buffer.from(keyOf(last)).toString('base64url') };
}

function indexAfter<T>(items: readonly T[], keyOf: (item: T) => string, token: string): number {
  const key = Buffer.from(token, 'base64url').toString();
  const index = items.findIndex((item) => keyOf(item) === key);
  if (index < 0) throw new AwsFault('InvalidNextTokenException', 'The next token supplied was invalid.');
  return index + 1;
}
