import { beforeEach, expect, test } from '@jest/globals';
import { createManualClock, type ManualClock } from '../../test/doubles/manual-clock.ts';
import { type CarriedOrders, createCarriedOrders } from '../carried-orders.ts';
import type { TrackedOrder } from '../timeline.ts';

const order: TrackedOrder = {
  id: 'o',
  org: 'public',
  customerId: 'c',
  driverId: 'd',
  status: 'assigned',
  version: 2,
  stage: undefined,
  pickup: undefined,
  dropoff: undefined,
};
let clock: ManualClock;
let carried: CarriedOrders;
let answer: () => Promise<TrackedOrder[]>;
let asked: number;

beforeEach(() => {
  clock = createManualClock();
  answer = async () => [order];
  asked = 0;
  const load = async () => {
    asked += 1;
    return answer();
  };
  carried = createCarriedOrders({ load, clock });
});

test('asks once for two seconds, and again when told to', async () => {
  expect(await carried.of('d')).toEqual([order]);
  await carried.of('d');
  expect(asked).toBe(1);
  carried.recheck('d');
  await carried.of('d');
  expect(asked).toBe(2);
  await clock.advance(2_000);
  await carried.of('d');
  expect(asked).toBe(3);
});

test('keeps what it knew for a minute while the database is away, and asks no more often', async () => {
  await carried.of('d');
  answer = () => Promise.reject(new Error('away'));
  carried.recheck('d');
  expect(await carried.of('d')).toEqual([order]);
  expect(await carried.of('d')).toEqual([order]);
  expect(asked).toBe(2);
  await clock.advance(59_000);
  expect(await carried.of('d')).toEqual([order]);
  await clock.advance(2_000);
  expect(await carried.of('d')).toEqual([]);
  expect(await carried.of('unknown')).toEqual([]);
});
