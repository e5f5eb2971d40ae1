import { startPostgres } from '../../../local/stack/postgres.ts';
import { percentile } from '../../measure.ts';
import { type Contest, type Contestant, type Goal, rateOf } from '../contest.ts';
import { startProgram } from '../program.ts';

/** Starts PostgreSQL and on it each contestant: a name and the way it asks. */
async function openOnPostgres(
  program: string,
  ways: readonly (readonly [name: string, way: string])[],
): Promise<Contest> {
  const postgres = await startPostgres();
  const contestants: Contestant[] = [];
  for (const [name, way] of ways) {
    contestants.push(await startProgram(name, program, { WAY: way, DATABASE_URL: postgres.url }));
  }
  return { contestants, close: postgres.stop };
}

const pipelined = 'one pipelined connection';
const pool = 'pool of ten (pg)';
const postgresJs = 'pool of ten (postgres.js)';

/** G9: rows read by key, 64 callers at once. */
export const keyedRead: Goal = {
  id: 'G9',
  title: 'rows read by key, 64 callers',
  gates: [
    { of: 'rate', ours: pipelined, peer: pool, bar: 1.8 },
    { of: 'rate', ours: pipelined, peer: postgresJs, bar: 1.2 },
    { of: 'cpu', ours: pipelined, peer: pool, bar: 0.5 },
  ],
  open: () =>
    openOnPostgres('keyed-read.ts', [
      [pipelined, 'pipelined'],
      [pool, 'pool'],
      [postgresJs, 'postgres.js'],
    ]),
};

const together = 'one statement';
const apart = 'begin, two statements, commit';

/** G10: a change and the event that tells it. */
export const changeAndEvent: Goal = {
  id: 'G10',
  title: 'changes with their event, 64 callers',
  gates: [
    { of: 'rate', ours: together, peer: apart, bar: 1.2 },
    { of: 'cpu', ours: together, peer: apart, bar: 0.6 },
  ],
  open: () =>
    openOnPostgres('change-and-event.ts', [
      [together, 'together'],
      [apart, 'apart'],
    ]),
};

const relay = 'relay';
const rowByRow = 'row by row';
const leastRate = 5_000;

/** G14: events taken from the outbox to a bus that takes no time. */
export const outboxRelay: Goal = {
  id: 'G14',
  title: 'events relayed from the outbox by one relay',
  gates: [{ of: 'rate', ours: relay, peer: rowByRow, bar: 10 }],
  async open() {
    const contest = await openOnPostgres('outbox-relay.ts', [
      [relay, 'relay'],
      [rowByRow, 'row by row'],
    ]);
    return {
      ...contest,
      async facts(rounds) {
        const rate = percentile((rounds[relay] ?? []).map(rateOf), 50);
        return [
          {
            name: 'relayed a second',
            value: rate.toFixed(0),
            bar: `≥ ${leastRate}`,
            holds: rate >= leastRate,
          },
        ];
      },
    };
  },
};
