import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, eventually } from './caller.ts';
import type { Person } from './people.ts';
import { centre, type Organisation, startTown, type Town } from './town.ts';

let town: Town;
let own: Organisation;
let other: Organisation;

beforeAll(async () => {
  town = await startTown();
  [own, other] = await Promise.all([town.organisation(), town.organisation()]);
});
afterAll(() => town.stop());

/** Has the manager of an organisation give an order to a driver. */
function assign({ manager }: Organisation, orderId: string, driverId: string, version = 1) {
  const headers = { ...manager, 'if-match': `"${version}"` };
  return ask(town.orders, `PUT /orders/${orderId}/assignment`, { body: { driverId }, headers });
}

/** A free driver whom order has heard of: it has nothing against them but the version. */
async function addDriver(org: Organisation): Promise<Person> {
  const driver = await org.addDriver(100);
  const id = await org.order();
  await eventually(
    () => assign(org, id, driver.id, 7),
    ({ status }) => status === 409,
  );
  return driver;
}

describe('a manager', () => {
  test('gives an order to a driver of their organisation, and to nobody else', async () => {
    const [mine, theirs] = await Promise.all([addDriver(own), addDriver(other)]);
    const id = await own.order();
    const unknown = { status: 404, json: { code: 'RESOURCE_UNKNOWN', field: 'driverId' } };
    expect(await assign(own, id, theirs.id)).toMatchObject(unknown);
    expect(await assign(own, id, randomUUID())).toMatchObject(unknown);
    expect(await assign(own, id, mine.id)).toMatchObject({ status: 200, json: { driverId: mine.id } });
  });

  test('orders for a customer of their organisation, and for nobody of another', async () => {
    const orderFor = (customerId: string) =>
      ask(town.orders, 'POST /orders', {
        body: { pickup: centre, dropoff: { lat: 52.6, lon: 13.5 }, customerId },
        headers: own.manager,
      });
    const refused = await eventually(
      () => orderFor(other.customer.id),
      ({ status }) => status !== 201,
    );
    expect(refused).toMatchObject({ status: 404, json: { code: 'RESOURCE_UNKNOWN', field: 'customerId' } });
    expect(await orderFor(own.customer.id)).toMatchObject({ status: 201 });
  });
});
