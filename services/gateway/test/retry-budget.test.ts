import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRetryBudget } from '../retry-budget.ts';

test('never gives more than ten and a tenth of the requests', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 2_000 }), (isRetryAsked) => {
      const budget = createRetryBudget();
      let requests = 0;
      let retries = 0;
      for (const isAsked of isRetryAsked) {
        budget.deposit();
        requests += 1;
        if (isAsked && budget.tryTake()) retries += 1;
      }
      expect(retries).toBeLessThanOrEqual(10 + requests / 10);
    }),
  );
});

test('a service that is down for all gets a tenth more, not twice as much', () => {
  const budget = createRetryBudget();
  let retries = 0;
  for (let request = 0; request < 1_000; request += 1) {
    budget.deposit();
    if (budget.tryTake()) retries += 1;
  }
  expect(retries).toBeGreaterThan(100);
  expect(retries).toBeLessThanOrEqual(110);
});
