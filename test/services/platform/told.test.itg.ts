import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Value } from 'typebox/value';
import { service as driver } from '../../../services/driver/service.ts';
import { service as identity } from '../../../services/identity/service.ts';
import { type DomainEvent, EventSchema } from '../../../services/lib/bus.ts';
import { service as order } from '../../../services/order/service.ts';
import { ask, eventually, having, until } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { asService, enrol, logInManager, type Person } from './people.ts';

let ground: Ground;
let nats: NatsConnection;
/** Every event since the beginning, as it went through NATS. */
const heard: DomainEvent[] = [];
let manager: Person;
let bases: { identity: string; order: string; driver: string };

beforeAll(async () => {
  ground = await startGround();
  nats = await connect({ servers: ground.nats.url });
  for (const subject of ['user.>', 'order.>', 'driver.>'])
    nats.subscribe(subject, { callback: (_error, message) => void heard.push(message.json()) });
  await Promise.all([ground.migrate('identity'), ground.migrate('order'), ground.migrate('driver')]);
  const { base } = await ground.start(identity);
  bases = {
    identity: base,
    order: (await ground.start(order)).base,
    driver: (await ground.start(driver)).base,
  };
  manager = await logInManager(base, ground);
});
afterAll(async () => {
  await nats.close();
  await ground.stop();
});

/** The first event of a subject that is what it should be, once it is told. */
async function told(subject: string, isMeant: (event: DomainEvent) => boolean): Promise<DomainEvent> {
  const find = () => heard.find((event) => event.subject === subject && isMeant(event));
  await until(async () => find() !== undefined);
  const found = find();
  if (!found) throw new Error(`Nothing was told as ${subject}.`);
  return found;
}

const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const headers = { traceparent: trace };
const ofId = (id: string) => (event: DomainEvent) => (event.data as { id: string }).id === id;

test('identity tells an account that is opened, changed and given a role, by whom and within which trace', async () => {
  const { id, token } = await enrol(bases.identity, manager, 'customer');
  expect((await told('user.created.v1', ofId(id))).data).toMatchObject({ id, role: 'customer' });

  const change = { name: 'Renamed', version: 1 };
  expect((await ask(bases.identity, `PATCH /users/${id}`, { body: change, token, headers })).status).toBe(
    200,
  );
  const updated = await told('user.updated.v1', ofId(id));
  expect(updated).toMatchObject({ org: 'public', actor: id, trace, data: { name: 'Renamed' } });
  expect(Value.Check(EventSchema, updated)).toBe(true);

  const role = { role: 'driver', version: 2 };
  await ask(bases.identity, `PUT /users/${id}/role`, { body: role, token: manager.token, headers });
  expect(await told('user.role_changed.v1', ofId(id))).toMatchObject({
    actor: manager.id,
    trace,
    data: { role: 'driver' },
  });
});

test('order and driver tell what happens to an order and to who carries it', async () => {
  const customer = await enrol(bases.identity, manager, 'customer');
  const carrier = await enrol(bases.identity, manager, 'driver');
  const path = `/drivers/${carrier.id}` as const;
  await eventually(
    () => ask(bases.driver, `GET ${path}`, { token: carrier.token }),
    ({ status }) => status === 200,
  );
  const available = { body: { status: 'available' }, token: carrier.token, headers };
  expect((await ask(bases.driver, `PUT ${path}/availability`, available)).status).toBe(200);
  expect(await told('driver.availability_changed.v1', ofId(carrier.id))).toMatchObject({
    actor: carrier.id,
    trace,
    data: { status: 'available' },
  });

  const ping = { lat: 52.5, lon: 13.4, at: new Date().toISOString() };
  await ask(bases.driver, `POST ${path}/location`, { body: ping, token: carrier.token });
  expect((await told('driver.location_updated.v1', ofId(carrier.id))).data).toMatchObject(ping);

  const body = { pickup: { lat: 52.5, lon: 13.4 }, dropoff: { lat: 52.6, lon: 13.5 } };
  const placed = await ask(bases.order, 'POST /orders', { body, token: customer.token, headers });
  const { json } = having(placed, 'id');
  expect(await told('order.created.v1', ofId(json.id))).toMatchObject({ actor: customer.id, trace });
  await ask(bases.order, `PUT /orders/${json.id}/assignment`, {
    body: { driverId: carrier.id },
    headers: { ...asService('dispatch', ground), 'if-match': '"1"' },
  });
  expect(await told('order.assigned.v1', ofId(json.id))).toMatchObject({
    actor: 'dispatch',
    data: { driverId: carrier.id },
  });
  const busy = (event: DomainEvent) =>
    ofId(carrier.id)(event) && (event.data as { status: string }).status === 'busy';
  await told('driver.availability_changed.v1', busy);

  const cancel = { body: { status: 'cancelled', version: 2 }, token: manager.token };
  expect((await ask(bases.order, `PATCH /orders/${json.id}/status`, cancel)).status).toBe(200);
  expect(await told('order.status_changed.v1', ofId(json.id))).toMatchObject({
    data: { to: 'cancelled' },
  });
});
