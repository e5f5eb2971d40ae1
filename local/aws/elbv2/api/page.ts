import { assertBounds, validationError } from './validation.ts';

const MOST = 400;

/**
 * Cuts one page out of a list. The marker is the number of items already given.
 * Source: ELBv2 API, `Marker` and `PageSize` (1-400) of the Describe operations.
 */
export function pageOf<T>(
  items: readonly T[],
  { Marker, PageSize }: { Marker?: string; PageSize?: number },
): { items: T[]; NextMarker?: string } {
  if (PageSize !== undefined) assertBounds(PageSize, 'pageSize', [1, MOST]);
  if (Marker !== undefined && !/^\d+$/.test(Marker))
    throw validationError(`'${Marker}' is not a valid marker`);
  const from = Number(Marker ?? 0);
  const to = from + (PageSize ?? MOST);
  return { items: items.slice(from, to), ...(to < items.length ? { NextMarker: String(to) } : {}) };
}
