/**
 * Prints what an environment costs a month, recomputed from its plans: `npm run cost -- --env prod`.
 *
 *     node scripts/cost.ts --env prod                   foundation and services
 *     node scripts/cost.ts --env prod --stack single    the layout of one service, as seed 001 has it
 *
 * Prices are those of `terraform/pricing`, with their day and sources. Takes half a minute.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Cost, costOf } from '../actions/core/src/decide/cost/plan-cost.ts';
import type { PriceTable } from '../actions/core/src/decide/cost/price-table.ts';
import { costRows, renderByUse, renderLeftOut } from '../actions/core/src/report/cost.ts';
import { readPlan, resourcesAfter } from '../actions/core/src/terraform/plan-json.ts';
import { planEnvironment, type StackName } from '../local/terraform/environment-plan.ts';
import { seedRows } from './seed-cost.ts';

const ENVIRONMENTS = ['dev', 'staging', 'prod', 'drill'];
const LAYOUTS: Readonly<Record<string, readonly StackName[]>> = {
  services: ['foundation', 'services'],
  single: ['single'],
};
const PRICING = join(import.meta.dirname, '..', 'terraform', 'pricing', 'us-east-1.json');

function readArguments(): { environment: string; stacks: readonly StackName[] } {
  const { values } = parseArgs({ options: { env: { type: 'string' }, stack: { type: 'string' } } });
  const { env, stack = 'services' } = values;
  const known = `write --env ${ENVIRONMENTS.join(' | ')}.`;
  if (env === undefined) throw new Error(`No environment was named: ${known}`);
  if (!ENVIRONMENTS.includes(env))
    throw new Error(`There is no environment ${JSON.stringify(env)}: ${known}`);
  const stacks = Object.hasOwn(LAYOUTS, stack) ? LAYOUTS[stack] : undefined;
  if (!stacks)
    throw new Error(
      `There is no stack ${JSON.stringify(stack)}: write --stack ${Object.keys(LAYOUTS).join(' | ')}.`,
    );
  return { environment: env, stacks };
}

/** Rows with their columns under each other; amounts, all but the first column, to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('   ')
      .trimEnd();
  return rows.map(line).join('\n');
}

function render(environment: string, stacks: readonly StackName[], cost: Cost, table: PriceTable): string {
  const { head, rows } = costRows(cost);
  const beside = seedRows(rows.map(([component = '']) => component));
  return [
    `${environment} (${stacks.join(', ')}) a month, at list prices of ${table.region} as read on ${table.read}, ${table.hoursPerMonth} hours:`,
    '',
    columns([head, ...rows].map((row, i) => [...row, beside[i] ?? ''])),
    '',
    'Seed 001 is one service and does not say what traffic it counts with. A free tier is not taken off.',
    '',
    'Paid by use, in no sum above:',
    ...renderByUse(cost.byUse).map((text) => `  ${text}`),
    ...(cost.leftOut.length > 0 ? ['', 'Left out:'] : []),
    ...renderLeftOut(cost.leftOut).map((text) => `  ${text}`),
  ].join('\n');
}

try {
  const { environment, stacks } = readArguments();
  const table = JSON.parse(readFileSync(PRICING, 'utf8')) as PriceTable;
  const plans = await planEnvironment(environment, stacks);
  const resources = [...plans.values()].flatMap((plan) => resourcesAfter(readPlan(plan)));
  console.log(render(environment, stacks, costOf(resources, table), table));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
