import { describe, expect, test } from '@jest/globals';
import { tellingOf } from '../manners.ts';

const now = Date.parse('2026-01-10T00:00:00Z');
const day = 24 * 3_600_000;

describe('how something is told', () => {
  test('an offer: pushed at once, once, and not after it has expired', () => {
    const data = { offerId: 'f', orderId: 'o', expiresAt: '2026-01-10T00:00:30Z' };
    expect(tellingOf('driver_offer', data, now)).toEqual({
      ...{ channels: ['push'], isUrgent: true, about: 'f', expiresAt: now + 30_000 },
    });
  });

  test.each(['soon', '2027-01-01T00:00:00Z'])('for a day, when it is good until %s', (expiresAt) => {
    expect(tellingOf('driver_offer', { expiresAt }, now).expiresAt).toBe(now + day);
  });

  test('not at all, when it was good until some time ago, however long', () => {
    for (const expiresAt of ['2026-01-09T23:59:59Z', '-271821-04-20T00:00:00.000Z'])
      expect(tellingOf('driver_offer', { expiresAt }, now).expiresAt).toBe(now);
  });

  test('an order on its way: once, by all channels, when people are awake', () => {
    expect(tellingOf('order_delivered', { orderId: 'o' }, now)).toEqual({
      ...{ channels: undefined, isUrgent: false, about: 'o', expiresAt: now + day },
    });
  });

  test('an order that is placed: as often as it is asked for', () => {
    expect(tellingOf('order_created', { orderId: 'o' }, now).about).toBeUndefined();
  });
});
