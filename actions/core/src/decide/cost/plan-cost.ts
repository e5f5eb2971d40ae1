import type { PlannedResource } from '../../terraform/plan-json.ts';
import { monthlyOf, type PriceTable } from './price-table.ts';
import { CHARGED, type Charge } from './resource-cost.ts';
import { BY_USE, FREE } from './resource-kinds.ts';

/** What one part of the bill costs a month for being there, in US dollars. */
export interface CostLine {
  readonly component: string;
  /** How many resources are in it. */
  readonly count: number;
  readonly usd: number;
  /** Whether a part of it has no known price, so that it costs more than this. */
  readonly partly: boolean;
  /** The same when everything that scales by itself is at its most. */
  readonly mostUsd: number;
}

/** A part of the bill that depends on use, and what one unit costs where that is known. */
export interface UseLine {
  readonly component: string;
  readonly what: string;
  readonly count: number;
  readonly unit?: { readonly usd: number; readonly of: string };
}

/** The bill of some resources. What is in `byUse` and `leftOut` is in no sum. */
export interface Cost {
  readonly lines: readonly CostLine[];
  readonly usd: number;
  readonly mostUsd: number;
  readonly byUse: readonly UseLine[];
  readonly leftOut: readonly LeftOut[];
}

/** What has a price that is not known, and the resources it is about. */
export interface LeftOut {
  readonly what: string;
  readonly addresses: readonly string[];
}

/**
 * What resources cost a month at the prices of a table, by component. Pure; the same resources give the same lines.
 * A free tier is not taken off, as it is the account's and not a plan's.
 */
export function costOf(resources: readonly PlannedResource[], table: PriceTable): Cost {
  const charges = resources.flatMap((resource) =>
    (CHARGED[resource.type]?.(resource, resources) ?? []).map((charge) => ({ resource, charge })),
  );
  const lines = [...Map.groupBy(charges, ({ charge }) => charge.component)]
    .map(([component, those]) =>
      lineOf(
        component,
        those.map(({ charge }) => charge),
        table,
      ),
    )
    .sort((a, b) => b.usd - a.usd || a.component.localeCompare(b.component));
  return {
    lines,
    usd: sum(lines.map(({ usd }) => usd)),
    mostUsd: sum(lines.map(({ mostUsd }) => mostUsd)),
    byUse: useLines(resources, table),
    leftOut: leftOutOf(resources, charges, table),
  };
}

/** What a change costs more or, below zero, less a month. */
export interface CostChange {
  readonly usd: number;
  readonly before: number;
  readonly after: number;
  /** Components whose cost changes, the largest change first. */
  readonly lines: readonly { readonly component: string; readonly before: number; readonly after: number }[];
  /** What the change brings that has no known price, and what it brings that is paid for by use. */
  readonly leftOut: readonly LeftOut[];
  readonly byUse: readonly UseLine[];
}

/** Half a cent: below it two sums are the same. */
const SAME_USD = 0.005;

/** The difference between two bills: of one plan's resources before and after, or of two plans. */
export function costChange(before: Cost, after: Cost): CostChange {
  const names = new Set([...before.lines, ...after.lines].map(({ component }) => component));
  const usdOf = ({ lines }: Cost, name: string): number =>
    lines.find(({ component }) => component === name)?.usd ?? 0;
  const lines = [...names]
    .map((component) => ({ component, before: usdOf(before, component), after: usdOf(after, component) }))
    .filter((line) => Math.abs(line.after - line.before) >= SAME_USD)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
  const countBefore = (line: UseLine): number =>
    before.byUse.find(({ component, what }) => component === line.component && what === line.what)?.count ??
    0;
  return {
    usd: after.usd - before.usd,
    before: before.usd,
    after: after.usd,
    lines,
    leftOut: newlyLeftOut(before.leftOut, after.leftOut),
    byUse: after.byUse.flatMap((line) => {
      const count = line.count - countBefore(line);
      return count > 0 ? [{ ...line, count }] : [];
    }),
  };
}

function lineOf(component: string, charges: readonly Charge[], table: PriceTable): CostLine {
  const total = (parts: (charge: Charge) => Charge['parts']): number =>
    sum(charges.map((charge) => monthlyOf(parts(charge), table).usd));
  return {
    component,
    count: charges.length,
    usd: total(({ parts }) => parts),
    partly: charges.some(
      ({ parts, leftOut = [] }) => leftOut.length > 0 || monthlyOf(parts, table).missing.length > 0,
    ),
    mostUsd: total(({ parts, most }) => most ?? parts),
  };
}

function useLines(resources: readonly PlannedResource[], table: PriceTable): UseLine[] {
  return [...Map.groupBy(resources, ({ type }) => BY_USE[type])].flatMap(([use, those]) => {
    if (!use) return [];
    const price = use.price === undefined ? undefined : table.prices[use.price];
    const unit = typeof price?.usd === 'number' ? { unit: { usd: price.usd, of: price.unit } } : {};
    return [{ component: use.component, what: use.what, count: those.length, ...unit }];
  });
}

function newlyLeftOut(before: readonly LeftOut[], after: readonly LeftOut[]): LeftOut[] {
  const isNew = (what: string, address: string): boolean =>
    !before.some((one) => one.what === what && one.addresses.includes(address));
  return after.flatMap(({ what, addresses }) => {
    const those = addresses.filter((address) => isNew(what, address));
    return those.length > 0 ? [{ what, addresses: those }] : [];
  });
}

function leftOutOf(
  resources: readonly PlannedResource[],
  charges: readonly { resource: PlannedResource; charge: Charge }[],
  table: PriceTable,
): LeftOut[] {
  const unpriced = charges.flatMap(({ resource: { address }, charge }) => [
    ...monthlyOf(charge.parts, table).missing.map((price) => ({
      address,
      what: `${price}, for which the table has no price`,
    })),
    ...(charge.leftOut ?? []).map((what) => ({ address, what })),
  ]);
  const strange = resources
    .filter(({ type }) => !(type in CHARGED || type in BY_USE || FREE.has(type)))
    .map(({ address, type }) => ({ address, what: `${type}, whose price is not known here` }));
  const elsewhere = resources
    .filter(({ type, values }) => type in CHARGED && isElsewhere(values.region, table))
    .map(({ address, values }) => ({
      address,
      what: `what differs in ${values.region}, counted at the prices of ${table.region}`,
    }));
  const all = Map.groupBy([...unpriced, ...strange, ...elsewhere], ({ what }) => what);
  return [...all].map(([what, those]) => ({ what, addresses: those.map(({ address }) => address) }));
}

function isElsewhere(region: unknown, table: PriceTable): boolean {
  return typeof region === 'string' && region !== '' && region !== table.region;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
