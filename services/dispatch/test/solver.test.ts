import { afterAll, expect, test } from '@jest/globals';
import { assign } from '../strategies/assignment.ts';
import { createSolver } from '../strategies/solver.ts';

const solver = createSolver();
afterAll(() => solver.close());

/** A table that looks random and is the same each time. */
function tableOf(rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_line, row) =>
    Array.from({ length: columns }, (_cost, column) => ((row * 7919 + column * 104_729) % 1_009) + 1),
  );
}

test('gives in a thread what assign gives, for several at a time', async () => {
  const tables = [tableOf(3, 5), tableOf(40, 60), tableOf(1, 1)];
  expect(await Promise.all(tables.map((costs) => solver.solve(costs)))).toEqual(tables.map(assign));
});

test('leaves the event loop free while it works', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  await solver.solve(tableOf(300, 330));
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
});

test('gives up after its limit, and solves the next one in a fresh thread', async () => {
  const impatient = createSolver(1);
  await expect(impatient.solve(tableOf(300, 330))).rejects.toThrow('No assignment was found in 1 ms.');
  await impatient.close();
  expect(await solver.solve([[1]])).toEqual([0]);
});
