import { Type } from 'typebox';
import { type DomainEvent, type Handling, PoisonEventError, type Subscription } from '../lib/bus.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { isKnown, readData } from '../lib/event-data.ts';
import { once } from '../lib/inbox.ts';
import { Problem } from '../lib/problem.ts';
import { sql } from '../lib/sql.ts';
import type { OrderState } from './order-states.ts';
import type { Orders } from './orders.ts';

const id = Type.String({ format: 'uuid' });
const UserData = Type.Object({ id, name: Type.String(), role: Type.String() });
const DriverData = Type.Object({ id, status: Type.String() });
const DeliveryData = Type.Object({ orderId: id, driverId: id, type: Type.String() });
const ErasedData = Type.Object({ id });

interface Deps {
  database: Database;
  orders: Orders;
}

/** What order learns from the other services. */
export function subscriptions(deps: Deps): Subscription[] {
  return [
    subscribe(deps, 'order-users', 'user.>', keepUser),
    subscribe(deps, 'order-drivers', 'driver.availability_changed.v1', keepDriver),
    subscribe(deps, 'order-deliveries', 'tracking.delivery_updated.v1', followDelivery),
    subscribe(deps, 'order-erasure', 'customer.erased.v1', eraseCustomer),
  ];
}

/** `afterCommit` takes what is to be done once the effect is there for others to read. */
type Effect = (
  transaction: Transaction,
  event: DomainEvent,
  deps: Deps,
  afterCommit: (tell: () => void) => void,
) => Promise<unknown>;

function subscribe(deps: Deps, durable: string, subject: string, effect: Effect): Subscription {
  async function handle(event: DomainEvent): Promise<Handling> {
    let tell = (): void => undefined;
    const result = await once(deps.database, durable, event, (transaction) =>
      effect(transaction, event, deps, (told) => {
        tell = told;
      }),
    );
    tell();
    return result;
  }
  return { durable, subject, inFlight: 8, handle };
}

const userSubjects = ['user.created.v1', 'user.updated.v1', 'user.role_changed.v1'];

/** Events may come out of order: an older one never overwrites a newer one. */
async function keepUser(transaction: Transaction, event: DomainEvent): Promise<void> {
  if (!isKnown(event, userSubjects)) return;
  const user = readData(event, UserData);
  await transaction.query(
    'user_ref',
    sql`insert into user_ref (id, org_id, name, role, at)
      values (${user.id}, ${event.org}, ${user.name}, ${user.role}, ${event.at})
      on conflict (id) do update set name = excluded.name, role = excluded.role, at = excluded.at
      where user_ref.at < excluded.at`,
  );
}

async function keepDriver(transaction: Transaction, event: DomainEvent): Promise<void> {
  const driver = readData(event, DriverData);
  await transaction.query(
    'driver_ref',
    sql`insert into driver_ref (id, org_id, status, at) values (${driver.id}, ${event.org}, ${driver.status}, ${event.at})
      on conflict (id) do update set status = excluded.status, at = excluded.at where driver_ref.at < excluded.at`,
  );
}

const stateOf: Readonly<Record<string, OrderState>> = { 'picked-up': 'picked-up', delivered: 'delivered' };

/** A delivery seen by tracking moves the order on; what does not fit its state any more changes nothing. */
async function followDelivery(
  transaction: Transaction,
  event: DomainEvent,
  { orders }: Deps,
  afterCommit: Parameters<Effect>[3],
): Promise<void> {
  const { orderId, type } = readData(event, DeliveryData);
  const to = stateOf[type];
  if (to === undefined) return;
  const act = { actor: event.actor, trace: event.trace };
  try {
    afterCommit(await orders.stepWithin(transaction, orderId, { to }, act));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === 'RESOURCE_UNKNOWN') throw new PoisonEventError(`There is no order ${orderId}.`);
    if (error.code !== 'STATE_CONFLICT') throw error;
  }
}

/** Addresses, notes, reasons and names of files may name a person; that there was an order does not. */
async function eraseCustomer(transaction: Transaction, event: DomainEvent): Promise<void> {
  const { id: customer } = readData(event, ErasedData);
  await transaction.query(
    'order_erase',
    sql`update orders set pickup = pickup - 'address', dropoff = dropoff - 'address', note = null
      where customer_id = ${customer}`,
  );
  await transaction.query(
    'order_events_erase',
    sql`update order_events set data = data #- '{pickup,address}' #- '{dropoff,address}' #- '{reason}'
      where order_id in (select id from orders where customer_id = ${customer})`,
  );
  await transaction.query(
    'outbox_erase',
    sql`update outbox set payload = payload #- '{data,pickup,address}' #- '{data,dropoff,address}' #- '{data,reason}'
      where key in (select id::text from orders where customer_id = ${customer})`,
  );
  // What somebody calls a photograph may name them.
  await transaction.query(
    'files_erase',
    sql`update files set name = 'erased' where order_id in (select id from orders where customer_id = ${customer})`,
  );
  // Nothing is newer than infinity: no late event brings the name back, not even the first one.
  await transaction.query(
    'user_ref_erase',
    sql`insert into user_ref (id, org_id, name, role, at) values (${customer}, ${event.org}, 'erased', 'customer', 'infinity')
      on conflict (id) do update set name = excluded.name, at = excluded.at`,
  );
  // A manager may have placed an order for them.
  await transaction.query(
    'keys_erase',
    sql`delete from idempotency_keys where scope like ${`${customer} %`} or body ->> 'customerId' = ${customer}`,
  );
}
