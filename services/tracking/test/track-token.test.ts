import { expect, test } from '@jest/globals';
import { signIdentity, tryReadIdentity } from '../../lib/identity-header.ts';
import { signTrackGrant, tryReadTrackGrant } from '../track-token.ts';

const now = 1_700_000_000_000;
const grant = { orderId: '018bcfe5-6800-7000-8000-000000000000', until: now + 1_000 };
const token = signTrackGrant(grant, 'new');

test('is good until its end, also with a key that is being replaced', () => {
  expect(tryReadTrackGrant(token, ['new'], now)).toEqual(grant);
  expect(tryReadTrackGrant(token, ['newest', 'new'], now)).toEqual(grant);
  expect(tryReadTrackGrant(token, ['newest'], now)).toBeUndefined();
  expect(tryReadTrackGrant(token, ['new'], grant.until)).toBeUndefined();
});

test.each(['', '.', 'a', 'a.b', `${token}.`, `x${token}`, token.slice(0, -2)])('refuses %j', (text) => {
  expect(tryReadTrackGrant(text, ['new'], now)).toBeUndefined();
});

test('stands for nobody, and nobody for it, though one key signs both', () => {
  const principal = { id: 'i', org: '*', role: 'service' as const, permissions: [] };
  expect(tryReadTrackGrant(signIdentity(principal, 'new', now), ['new'], now)).toBeUndefined();
  expect(tryReadIdentity(token, ['new'], now)).toBeUndefined();
});
