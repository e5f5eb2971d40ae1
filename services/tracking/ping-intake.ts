import type { Counter } from 'prom-client';
import Value from 'typebox/value';
import { type Ping, PingSchema } from '../lib/ping.ts';
import type { PingBudget } from './ping-budget.ts';
import type { Positions, Reporter } from './positions.ts';

/** What else may become of a position: it is none, or its driver reports too many. */
export const refusals = ['malformed', 'limited'] as const;

/** The one door for positions, whatever brings them. */
export interface PingIntake {
  /** Says whether a driver may report so many now, and counts those that are too many. Ask before `report`. */
  admit(driver: Reporter, count: number): boolean;
  /** What became of each position, in its place. */
  report(driver: Reporter, pings: readonly Ping[]): ReturnType<Positions['report']>;
  /** Takes one position as JSON text. */
  reportText(driver: Reporter, text: string): Promise<string>;
}

export function createPingIntake(deps: {
  positions: Positions;
  budget: PingBudget;
  counted: Counter<'result'>;
}): PingIntake {
  const { positions, budget, counted } = deps;
  return {
    admit(driver, count) {
      const isAdmitted = budget.take(driver.id, count);
      if (!isAdmitted) counted.inc({ result: 'limited' }, count);
      return isAdmitted;
    },
    report: positions.report,
    async reportText(driver, text) {
      const ping = tryReadPing(text);
      if (ping === undefined) {
        counted.inc({ result: 'malformed' });
        return 'malformed';
      }
      const [result = 'malformed'] = await positions.report(driver, [ping]);
      return result;
    },
  };
}

function tryReadPing(text: string): Ping | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(PingSchema, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
