import { type Static, type TSchema, Type } from 'typebox';
import type { DomainEvent } from '../lib/bus.ts';
import { isKnown, readData } from '../lib/event-data.ts';
import type { Channel } from './channels.ts';
import type { TemplateData } from './render.ts';
import type { TemplateName } from './templates.ts';

/** What is to be told, and to whom; by which channels is theirs to say. */
export interface Planned {
  /** A user's id, or `org:<organisation>`. */
  readonly userId: string;
  readonly template: TemplateName;
  readonly data: TemplateData;
  /** By this one only. */
  readonly channel?: Channel | undefined;
}

const id = Type.String({ format: 'uuid' });
const moment = Type.String({ format: 'date-time' });
const NewUser = Type.Object({ id, name: Type.String() });
const NewOrder = Type.Object({ id, customerId: id });
const Assigned = Type.Object({ id, customerId: id, driverId: id });
const Changed = Type.Object({
  id,
  from: Type.String(),
  to: Type.String(),
  customerId: id,
  driverId: Type.Optional(id),
});
const Delivery = Type.Object({ orderId: id, driverId: id, customerId: id, type: Type.String(), at: moment });
const Offer = Type.Object({
  offerId: id,
  orderId: id,
  driverId: id,
  expiresAt: moment,
  distanceMeters: Type.Number(),
});

type Rule = (event: DomainEvent) => readonly Planned[];

function rule<Schema extends TSchema>(
  schema: Schema,
  plan: (data: Static<Schema>, event: DomainEvent) => readonly Planned[],
): Rule {
  return (event) => plan(readData(event, schema), event);
}

/** Which event has whom told what. */
const rules: Readonly<Record<string, Rule>> = {
  'user.created.v1': rule(NewUser, ({ id: userId, name }) => [
    { userId, template: 'welcome', data: { name } },
  ]),
  'order.created.v1': rule(NewOrder, ({ id: orderId, customerId: userId }) => [
    { userId, template: 'order_created', data: { orderId } },
  ]),
  // Whom dispatch chose it tells by a job of its own.
  'order.assigned.v1': rule(Assigned, ({ id: orderId, customerId, driverId }, { actor }) => [
    { userId: customerId, template: 'order_assigned', data: { orderId } },
    ...(actor === 'dispatch'
      ? []
      : [{ userId: driverId, template: 'driver_assigned', data: { orderId } } as const]),
  ]),
  'order.status_changed.v1': rule(Changed, ({ id: orderId, from, to, customerId, driverId }, { org }) =>
    to === 'cancelled'
      ? cancellation(orderId, { from, customerId, driverId, org })
      : progress(orderId, to, customerId),
  ),
  'tracking.delivery_updated.v1': rule(Delivery, ({ orderId, type, customerId }) =>
    progress(orderId, type, customerId),
  ),
  'dispatch.assignment_proposed.v1': rule(
    Offer,
    ({ offerId, orderId, driverId, distanceMeters, expiresAt }) => [
      {
        userId: driverId,
        template: 'driver_offer',
        data: { offerId, orderId, distanceMeters: Math.round(distanceMeters), expiresAt },
      },
    ],
  ),
};

/** A driver's own word and what tracking saw of it both tell of these; their manner has the customer hear it once. */
const templateOfStep: Readonly<Record<string, TemplateName>> = {
  'picked-up': 'order_out_for_delivery',
  delivered: 'order_delivered',
};

function progress(orderId: string, step: string, userId: string): Planned[] {
  const template = templateOfStep[step];
  return template ? [{ userId, template, data: { orderId } }] : [];
}

function cancellation(
  orderId: string,
  facts: { from: string; customerId: string; driverId: string | undefined; org: string },
): Planned[] {
  const { from, customerId, driverId, org } = facts;
  const data = { orderId };
  return [
    { userId: customerId, template: 'order_cancelled', data },
    ...(driverId === undefined ? [] : [{ userId: driverId, template: 'driver_released', data } as const]),
    { userId: `org:${org}`, template: 'alert_order_cancelled', data: { ...data, from } },
  ];
}

/**
 * Decides what an event has people told; nothing for one that no rule is for. Throws `PoisonEventError` for data that
 * are not what the subject promises, and for a version of a known subject that is not known.
 */
export function planFor(event: DomainEvent): readonly Planned[] {
  if (!isKnown(event, Object.keys(rules))) return [];
  return rules[event.subject]?.(event) ?? [];
}
