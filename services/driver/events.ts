import { Type } from 'typebox';
import type { DomainEvent, Subscription } from '../lib/bus.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { isKnown, readData } from '../lib/event-data.ts';
import { once } from '../lib/inbox.ts';
import { sql } from '../lib/sql.ts';
import type { Drivers } from './drivers.ts';

const id = Type.String({ format: 'uuid' });
const UserData = Type.Object({ id, name: Type.String(), role: Type.String() });
const AssignedData = Type.Object({ id, driverId: id });
const ChangedData = Type.Object({ id, to: Type.String(), driverId: Type.Optional(id) });
const ErasedData = Type.Object({ id });

interface Deps {
  database: Database;
  drivers: Drivers;
  told: () => void;
}

/** What driver learns from the other services. */
export function subscriptions(deps: Deps): Subscription[] {
  const subscribe = (
    durable: string,
    subject: string,
    effect: (transaction: Transaction, event: DomainEvent) => Promise<unknown>,
  ): Subscription => ({
    durable,
    subject,
    inFlight: 8,
    async handle(event) {
      const result = await once(deps.database, durable, event, (transaction) => effect(transaction, event));
      deps.told();
      return result;
    },
  });
  return [
    subscribe('driver-users', 'user.>', onboard),
    subscribe('driver-assignments', 'order.assigned.v1', (transaction, event) => {
      const { id: orderId, driverId } = readData(event, AssignedData);
      return deps.drivers.followOrder(transaction, { id: orderId, driverId, isOver: false }, event);
    }),
    subscribe('driver-orders', 'order.status_changed.v1', async (transaction, event) => {
      const { id: orderId, to, driverId } = readData(event, ChangedData);
      const isOver = ['delivered', 'cancelled', 'created'].includes(to);
      if (driverId && isOver) {
        await deps.drivers.followOrder(transaction, { id: orderId, driverId, isOver }, event);
      }
    }),
    subscribe('driver-erasure', 'customer.erased.v1', erase),
  ];
}

const userSubjects = ['user.created.v1', 'user.updated.v1', 'user.role_changed.v1'];

/** Who has the role of a driver becomes one; a new name is taken over. */
async function onboard(transaction: Transaction, event: DomainEvent): Promise<void> {
  if (!isKnown(event, userSubjects)) return;
  const user = readData(event, UserData);
  if (user.role !== 'driver') return;
  await transaction.query(
    'driver_onboard',
    sql`insert into drivers (id, org_id, name)
      select ${user.id}, ${event.org}, ${user.name} where not exists (select from erased where id = ${user.id})
      on conflict (id) do update set name = excluded.name`,
  );
}

async function erase(transaction: Transaction, event: DomainEvent): Promise<void> {
  const person = readData(event, ErasedData);
  // Kept of everybody: the event that makes them a driver may come after this one.
  await transaction.query(
    'erased_note',
    sql`insert into erased (id) values (${person.id}) on conflict (id) do nothing`,
  );
  await transaction.query(
    'driver_erase',
    sql`update drivers set name = 'erased', status = 'offline', version = version + 1 where id = ${person.id}`,
  );
  // The answer to the manager who made them a driver.
  await transaction.query('keys_erase', sql`delete from idempotency_keys where body ->> 'id' = ${person.id}`);
}
