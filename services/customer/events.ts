import { Type } from 'typebox';
import { PoisonEventError, type Subscription } from '../lib/bus.ts';
import type { Database } from '../lib/database.ts';
import { readData } from '../lib/event-data.ts';
import { once } from '../lib/inbox.ts';
import type { Customers } from './customers.ts';

const UserData = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  email: Type.Optional(Type.String()),
});

const known = new Set(['user.created.v1', 'user.updated.v1', 'user.role_changed.v1']);

/** Keeps the profile of everybody with an account: all of them have preferences. */
export function keepsProfiles(deps: {
  database: Database;
  customers: Customers;
  told: () => void;
}): Subscription {
  const durable = 'customer-users';
  return {
    durable,
    subject: 'user.>',
    inFlight: 8,
    async handle(event) {
      const { subject, actor, trace, org, at } = event;
      if (!known.has(subject)) throw new PoisonEventError(`${subject} is not known here.`);
      const user = readData(event, UserData);
      const result = await once(deps.database, durable, event, (transaction) =>
        deps.customers.learn(transaction, { ...user, org, at }, { actor, trace }),
      );
      deps.told();
      return result;
    },
  };
}
