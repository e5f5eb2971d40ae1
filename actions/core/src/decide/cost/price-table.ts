/** One price; `usd` is null where none is known, `source` says where it is from. */
export interface Price {
  readonly usd: number | null;
  readonly unit: string;
  readonly certainty: string;
  readonly source: string;
}

/** Prices of one Region on one day; see `terraform/pricing`. */
export interface PriceTable {
  readonly region: string;
  /** The day on which they were read, `YYYY-MM-DD`. */
  readonly read: string;
  readonly hoursPerMonth: number;
  readonly prices: Readonly<Record<string, Price>>;
}

/** A quantity of something that has a price; `hours` are turned into months by the table. */
export interface Priced {
  readonly price: string;
  readonly quantity: number;
  readonly per: 'hour' | 'month';
}

/** What some quantities cost a month, and the prices among them that are not known. */
export function monthlyOf(
  parts: readonly Priced[],
  table: PriceTable,
): { usd: number; missing: readonly string[] } {
  const missing = parts
    .filter((part) => unitPrice(part.price, table) === undefined)
    .map(({ price }) => price);
  const usd = parts
    .map(({ price, quantity, per }) => {
      const hours = per === 'hour' ? table.hoursPerMonth : 1;
      return (unitPrice(price, table) ?? 0) * quantity * hours;
    })
    .reduce((total, one) => total + one, 0);
  return { usd, missing };
}

function unitPrice(name: string, { prices }: PriceTable): number | undefined {
  return prices[name]?.usd ?? undefined;
}
