import { Type } from 'typebox';
import { type DomainEvent, PoisonEventError, type Subscription } from '../lib/bus.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { isKnown, readData } from '../lib/event-data.ts';
import { once } from '../lib/inbox.ts';
import { isTimeZone } from './channels.ts';
import type { Notifications } from './notifications.ts';
import type { Recipients } from './recipients.ts';
import { planFor } from './rules.ts';

const id = Type.String({ format: 'uuid' });
const time = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });
// Only the event of a new account holds the address.
const UserData = Type.Object({ id, name: Type.String(), email: Type.Optional(Type.String()) });
const PreferencesData = Type.Object({
  id,
  channels: Type.Object({
    email: Type.Boolean(),
    sms: Type.Boolean(),
    push: Type.Boolean(),
    slack: Type.Boolean(),
  }),
  locale: Type.Optional(Type.String()),
  quietHours: Type.Optional(Type.Object({ from: time, to: time, timeZone: Type.String() })),
  contacts: Type.Optional(
    Type.Object({
      email: Type.Optional(Type.String()),
      phone: Type.Optional(Type.String()),
      pushTokens: Type.Optional(Type.Array(Type.String())),
    }),
  ),
});
const ErasedData = Type.Object({ id });

interface Deps {
  database: Database;
  notifications: Notifications;
  recipients: Recipients;
  /** Called when there may be something to send, or a feed to empty. */
  told: () => void;
}

/** What notification learns from the other services: one consumer a domain, so that an unknown version is seen. */
export function subscriptions(deps: Deps): Subscription[] {
  const subscribe = (durable: string, subject: string, learn: Learn = learnNothing): Subscription => ({
    durable,
    subject,
    inFlight: 8,
    async handle(event) {
      // Decided before the transaction: what is malformed costs the database nothing.
      const planned = planFor(event);
      const result = await once(deps.database, durable, event, async (transaction) => {
        await learn(transaction, event, deps);
        await deps.notifications.plan(transaction, planned, { eventId: event.id, org: event.org });
      });
      deps.told();
      return result;
    },
  });
  return [
    subscribe('notification-users', 'user.>', keepUser),
    subscribe('notification-orders', 'order.>'),
    subscribe('notification-deliveries', 'tracking.>'),
    subscribe('notification-offers', 'dispatch.>'),
    subscribe('notification-customers', 'customer.>', keepWishes),
  ];
}

type Learn = (transaction: Transaction, event: DomainEvent, deps: Deps) => Promise<unknown>;

const learnNothing: Learn = async () => undefined;

const userSubjects = ['user.created.v1', 'user.updated.v1', 'user.role_changed.v1'];

async function keepUser(transaction: Transaction, event: DomainEvent, { recipients }: Deps): Promise<void> {
  if (!isKnown(event, userSubjects)) return;
  await recipients.keepUser(transaction, readData(event, UserData), event);
}

const preferencesSubject = 'customer.preferences_changed.v1';
const erasedSubject = 'customer.erased.v1';

async function keepWishes(transaction: Transaction, event: DomainEvent, deps: Deps): Promise<void> {
  const { subject } = event;
  if (!isKnown(event, [preferencesSubject, erasedSubject])) return;
  if (subject === preferencesSubject) {
    const preferences = readData(event, PreferencesData);
    const { quietHours } = preferences;
    if (quietHours && !isTimeZone(quietHours.timeZone)) {
      throw new PoisonEventError(`${subject}: data/quietHours/timeZone is not known.`);
    }
    await deps.recipients.keepPreferences(transaction, preferences, event);
  }
  if (subject === erasedSubject) {
    const { id: userId } = readData(event, ErasedData);
    await deps.recipients.erase(transaction, userId, event);
    await deps.notifications.erase(transaction, userId);
  }
}
