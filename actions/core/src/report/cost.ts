import type { Cost, CostChange, LeftOut, UseLine } from '../decide/cost/plan-cost.ts';

/** US dollars with cents, as `$1,234.50`. */
export function renderUsd(usd: number): string {
  const [whole = '', cents = ''] = Math.abs(usd).toFixed(2).split('.');
  return `$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`;
}

/** `this change: +$12.40 a month`, `−$3.10 a month` or `nothing that is paid for being there`. */
export function renderCostSentence(change: CostChange): string {
  if (Math.abs(change.usd) < 0.005)
    return change.lines.length === 0 ? 'this change: no cost a month' : 'this change: $0.00 a month';
  return `this change: ${renderSigned(change.usd)} a month`;
}

/** A difference with its sign, as `+$12.40`. */
export function renderSigned(usd: number): string {
  return `${usd < 0 ? '−' : '+'}${renderUsd(usd)}`;
}

/** Head and rows of the bill by component, with its total as the last row. */
export function costRows(cost: Cost): { head: readonly string[]; rows: readonly (readonly string[])[] } {
  const scales = cost.mostUsd > cost.usd;
  const most = (usd: number, mostUsd: number): string[] => {
    if (!scales) return [];
    return [mostUsd > usd ? `up to ${renderUsd(mostUsd)}` : ''];
  };
  return {
    head: ['Component', 'Resources', 'A month', ...(scales ? ['At the most'] : [])],
    rows: [
      ...cost.lines.map((line) => [
        line.component,
        String(line.count),
        renderAmount(line),
        ...most(line.usd, line.mostUsd),
      ]),
      [
        'Total',
        String(cost.lines.reduce((total, { count }) => total + count, 0)),
        renderAmount({ usd: cost.usd, partly: cost.leftOut.length > 0 }),
        ...most(cost.usd, cost.mostUsd),
      ],
    ],
  };
}

/** An amount of which a part may not be known: that is never shown as nothing. */
function renderAmount({ usd, partly }: { usd: number; partly: boolean }): string {
  if (!partly) return renderUsd(usd);
  return usd === 0 ? 'not known' : `over ${renderUsd(usd)}`;
}

/** What comes on top by use, a line each. */
export function renderByUse(lines: readonly UseLine[]): string[] {
  return lines.map(({ component, what, unit }) => {
    const price = unit ? `, ${renderUnit(unit.usd)} each ${unit.of}` : ', a price that is not known here';
    return `${component}: ${what}${price}`;
  });
}

/** What is not counted, a line each, with the first addresses. */
export function renderLeftOut(leftOut: readonly LeftOut[]): string[] {
  return leftOut.map(({ what, addresses }) => {
    const [first = '', ...more] = addresses;
    return `${what} (${first}${more.length > 0 ? ` and ${more.length} more` : ''})`;
  });
}

/** A price of one unit, whose first digits may be far behind the point. */
function renderUnit(usd: number): string {
  return usd < 0.1 ? `$${usd}` : renderUsd(usd);
}
