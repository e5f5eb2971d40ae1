import { expect, test } from '@jest/globals';
import { judgePing } from '../location-filters.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();
const last = { lat: 52.5, lon: 13.4, at: at(-10) };

test.each([
  ['accepted', { lat: 52.5001, lon: 13.4, at: at(0) }, last],
  ['accepted', { lat: 0, lon: 0, at: at(-3600) }, undefined],
  ['future', { ...last, at: at(61) }, undefined],
  ['outdated', last, last],
  ['outdated', { ...last, at: at(-11) }, last],
  ['inaccurate', { ...last, at: at(0), accuracyM: 201 }, last],
  ['too-soon', { ...last, at: at(-9.6) }, last],
  ['too-fast', { lat: 52.6, lon: 13.4, at: at(0) }, last],
  ['accepted', { lat: 0, lon: -179.9999, at: at(0) }, { lat: 0, lon: 179.9999, at: at(-10) }],
] as const)('judges as %s the ping %j after %j', (result, ping, before) => {
  expect(judgePing(ping, before, now)).toBe(result);
});
