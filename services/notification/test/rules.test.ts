import { describe, expect, test } from '@jest/globals';
import { type DomainEvent, PoisonEventError } from '../../lib/bus.ts';
import { planFor } from '../rules.ts';

const [order, customer, driver] = [1, 2, 3].map((digit) => `00000000-0000-7000-8000-00000000000${digit}`);
const at = '2026-01-10T00:00:00Z';
const eventOf = (subject: string, data: unknown): DomainEvent => ({
  ...{ id: order ?? '', subject, at, org: 'acme', actor: 'a', data },
});
const planned = (subject: string, data: unknown) =>
  planFor(eventOf(subject, data)).map(({ userId, template }) => [userId, template]);

describe('who is told what', () => {
  const changed = { id: order, from: 'created', customerId: customer };
  const seen = { orderId: order, driverId: driver, customerId: customer, at };
  const offer = { offerId: order, orderId: order, driverId: driver, expiresAt: at, distanceMeters: 1 };
  const alert = ['org:acme', 'alert_order_cancelled'];

  test.each<[string, object, unknown[]]>([
    ['user.created.v1', { id: customer, name: 'Ada' }, [[customer, 'welcome']]],
    ['user.updated.v1', { id: customer, name: 'Ada' }, []],
    ['order.created.v1', { id: order, customerId: customer }, [[customer, 'order_created']]],
    [
      'order.assigned.v1',
      { id: order, customerId: customer, driverId: driver },
      [
        [customer, 'order_assigned'],
        [driver, 'driver_assigned'],
      ],
    ],
    ['order.status_changed.v1', { ...changed, to: 'picked-up' }, [[customer, 'order_out_for_delivery']]],
    ['order.status_changed.v1', { ...changed, to: 'delivered' }, [[customer, 'order_delivered']]],
    ['order.status_changed.v1', { ...changed, to: 'created' }, []],
    ['order.status_changed.v1', { ...changed, to: 'cancelled' }, [[customer, 'order_cancelled'], alert]],
    [
      'order.status_changed.v1',
      { ...changed, to: 'cancelled', driverId: driver },
      [[customer, 'order_cancelled'], [driver, 'driver_released'], alert],
    ],
    ['tracking.delivery_updated.v1', { ...seen, type: 'picked-up' }, [[customer, 'order_out_for_delivery']]],
    ['tracking.delivery_updated.v1', { ...seen, type: 'delivered' }, [[customer, 'order_delivered']]],
    ['tracking.delivery_updated.v1', { ...seen, type: 'near' }, []],
    ['dispatch.assignment_proposed.v1', offer, [[driver, 'driver_offer']]],
    ['customer.preferences_changed.v1', {}, []],
  ])('%s %j', (subject, data, expected) => {
    expect(planned(subject, data)).toEqual(expected);
  });

  test('whom dispatch chose it tells itself', () => {
    const data = { id: order, customerId: customer, driverId: driver };
    const event = { ...eventOf('order.assigned.v1', data), actor: 'dispatch' };
    expect(planFor(event).map(({ userId }) => userId)).toEqual([customer]);
  });
});

test.each([
  ['order.created.v2', {}, 'order.created.v2 is of an unknown version; order.created.v1 is known.'],
  ['order.created.v1', { id: order }, 'order.created.v1: data must have required properties customerId.'],
])('%s %j is poison', (subject, data, message) => {
  expect(() => planFor(eventOf(subject, data))).toThrow(new PoisonEventError(message));
});
