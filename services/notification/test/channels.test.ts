import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Channel, channels, chooseChannels, isTimeZone, type QuietHours, sendAt } from '../channels.ts';

const reachable = { email: 'a@b.example', phone: '+491', pushTokens: ['device'], org: 'public' };
const wishesOf = (...wanted: Channel[]) =>
  Object.fromEntries(channels.map((channel) => [channel, wanted.includes(channel)])) as Record<
    Channel,
    boolean
  >;

describe('the channels somebody is told by', () => {
  test('are e-mail and push before they have said anything', () => {
    expect(chooseChannels(reachable)).toEqual(['email', 'push']);
  });

  test('are none without an address, whatever they wish', () => {
    const wishes = wishesOf('email', 'sms', 'push');
    expect(chooseChannels({ wishes, pushTokens: [], org: 'public' })).toEqual([]);
  });

  test('are always among those wanted and those wished', () => {
    fc.assert(
      fc.property(fc.subarray([...channels]), fc.subarray([...channels]), (wished, wanted) => {
        const chosen = chooseChannels({ ...reachable, wishes: wishesOf(...wished) }, wanted);
        expect(chosen).toEqual(wanted.filter((channel) => wished.includes(channel)));
      }),
    );
  });
});

describe('quiet hours', () => {
  const night: QuietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
  const at = (text: string) => Date.parse(text);

  test.each([
    ['before they begin', '2026-01-10T20:59:00Z', '2026-01-10T20:59:00Z'],
    ['when they begin', '2026-01-10T21:00:00Z', '2026-01-11T06:00:00Z'],
    ['after midnight', '2026-01-11T02:30:00Z', '2026-01-11T06:00:00Z'],
    ['when they end', '2026-01-11T06:00:00Z', '2026-01-11T06:00:00Z'],
  ])('%s', (_when, now, expected) => {
    expect(sendAt('sms', night, at(now))).toBe(at(expected));
  });

  test('within a day, and in another zone', () => {
    const nap = { from: '13:00', to: '15:30', timeZone: 'Asia/Kolkata' };
    expect(sendAt('push', nap, at('2026-01-10T08:00:00Z'))).toBe(at('2026-01-10T10:00:00Z'));
    expect(sendAt('push', nap, at('2026-01-10T11:00:00Z'))).toBe(at('2026-01-10T11:00:00Z'));
  });

  test('put off neither e-mail nor Slack', () => {
    const now = at('2026-01-10T23:00:00Z');
    for (const channel of ['email', 'slack'] as const) expect(sendAt(channel, night, now)).toBe(now);
  });

  test('put off by less than a day, and never into the past', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    fc.assert(
      fc.property(time, time, fc.integer({ min: 0, max: 4e12 }), (from, to, now) => {
        const later = sendAt('sms', { from, to, timeZone: 'UTC' }, now) - now;
        expect(later).toBeGreaterThanOrEqual(0);
        expect(later).toBeLessThan(24 * 3_600_000);
      }),
    );
  });

  test('have a zone that there is', () => {
    expect([isTimeZone('Europe/Berlin'), isTimeZone('Nowhere/Land')]).toEqual([true, false]);
  });
});
