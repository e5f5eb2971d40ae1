/**
 * Reads `items` in groups of at most `size`, all groups at once, and joins the answers in order.
 * Costs one call a group; no items cost none.
 */
export async function readInBatches<I, O>(
  items: readonly I[],
  size: number,
  read: (batch: I[]) => Promise<O[]>,
): Promise<O[]> {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, i) => i * size);
  const answers = await Promise.all(starts.map((start) => read(items.slice(start, start + size))));
  return answers.flat();
}

/** Follows `nextToken` until it ends or `limit` items are there. Costs one call a page. */
export async function readPages<O>(
  readPage: (nextToken: string | undefined) => Promise<{ items: O[]; nextToken?: string }>,
  limit = Number.POSITIVE_INFINITY,
): Promise<O[]> {
  const items: O[] = [];
  let nextToken: string | undefined;
  do {
    const page = await readPage(nextToken);
    items.push(...page.items);
    nextToken = page.nextToken;
  } while (nextToken !== undefined && items.length < limit);
  return items;
}
