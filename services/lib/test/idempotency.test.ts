import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Transaction } from '../database.ts';
import { answerOnce, idempotencyKeyOf } from '../idempotency.ts';
import type { Statement } from '../sql.ts';

interface Kept {
  body_hash: string;
  status: number | null;
  body: unknown;
}

/**
 * The table of keys as PostgreSQL keeps it: a key claimed by an open transaction holds up others with the same one until
 * it ends, and is gone when it rolled back. Each statement takes a turn of the scheduler.
 */
function createKeys(scheduler: fc.Scheduler) {
  const committed = new Map<string, Kept>();
  const open = new Map<string, Promise<void>>();

  /** Runs work as one transaction. */
  async function transact<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const own = new Map<string, Kept>();
    const ended = Promise.withResolvers<void>();
    async function run(label: string, { values }: Statement): Promise<unknown[]> {
      await scheduler.schedule(Promise.resolve(), label);
      if (label === 'idempotency_claim') {
        const [, key, hash] = values as string[];
        for (let other = open.get(String(key)); other; other = open.get(String(key))) await other;
        if (committed.has(String(key))) return [];
        open.set(String(key), ended.promise);
        own.set(String(key), { body_hash: String(hash), status: null, body: null });
        return [{ key }];
      }
      if (label === 'idempotency_read') {
        const kept = committed.get(String(values[1]));
        return kept ? [kept] : [];
      }
      const [status, text, , key] = values;
      const kept = own.get(String(key));
      if (kept) Object.assign(kept, { status, body: JSON.parse(String(text)) });
      return [];
    }
    const transaction = { query: run } as Transaction;
    try {
      const result = await work(transaction);
      await scheduler.schedule(Promise.resolve(), 'commit');
      for (const [key, kept] of own) committed.set(key, kept);
      return result;
    } finally {
      for (const key of own.keys()) open.delete(key);
      ended.resolve();
    }
  }

  return { transact };
}

const anyRequest = fc.record({
  key: fc.constantFrom('one', 'other'),
  body: fc.constantFrom({ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 2 }),
  /** What it creates cannot be written: its transaction rolls back. */
  fails: fc.boolean(),
});

test('however requests meet, a key makes one thing, equal requests get one answer, others are refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(anyRequest, { minLength: 1, maxLength: 10 }),
      async (scheduler, requests) => {
        const { transact } = createKeys(scheduler);
        const made: { key: string; a: number; id: number }[] = [];
        const outcomes = requests.map(({ key, body, fails }) =>
          transact((transaction) =>
            answerOnce(transaction, { key, scope: 's', body }, async () => {
              await scheduler.schedule(Promise.resolve(), 'create');
              if (fails) throw new Error('cannot be written');
              const thing = { key, a: body.a, id: made.length };
              made.push(thing);
              return { status: 201, body: thing };
            }),
          ).then(
            (answer) => ({ id: (answer.body as { id: number }).id, replayed: answer.replayed }),
            (error: { code?: string; message: string }) => ({ fault: error.code ?? error.message }),
          ),
        );
        await scheduler.waitFor(Promise.all(outcomes));
        for (const [index, outcome] of (await Promise.all(outcomes)).entries()) {
          const { key, body, fails } = requests[index] as (typeof requests)[number];
          const things = made.filter((thing) => thing.key === key);
          expect(things.length).toBeLessThanOrEqual(1);
          if ('id' in outcome) {
            expect(things[0]).toMatchObject({ id: outcome.id, a: body.a });
            if (!outcome.replayed) expect(fails).toBe(false);
          } else if (outcome.fault === 'KEY_REUSED') {
            expect(things[0]?.a).not.toBe(body.a);
          } else {
            expect([outcome.fault, fails]).toEqual(['cannot be written', true]);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  [undefined, undefined],
  ['k', 'k'],
  ['k'.repeat(255), 'k'.repeat(255)],
])('of the header %j, the key is %j', (header, key) => {
  expect(idempotencyKeyOf({ headers: { 'idempotency-key': header } })).toBe(key);
});

test.each(['', 'k'.repeat(256)])('the key %j is refused', (header) => {
  expect(() => idempotencyKeyOf({ headers: { 'idempotency-key': header } })).toThrow(
    'Send an Idempotency-Key of 1 to 255 characters, such as a UUID.',
  );
});
