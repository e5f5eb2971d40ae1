import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CookieSeal, cookiePair, cookieValue } from '../proxy/cookies.ts';

const now = 1_800_000_000_000;
const seal = new CookieSeal('secret');

describe('a sealed cookie', () => {
  test('holds for its subject until its time', () => {
    const value = seal.seal('group a', now + 5000);
    expect(seal.isFor(value, 'group a', now)).toBe(true);
    expect(seal.isFor(value, 'group a', now + 5000)).toBe(false);
    expect(seal.isFor(value, 'group b', now)).toBe(false);
    expect(new CookieSeal('other').isFor(value, 'group a', now)).toBe(false);
    expect(value).toMatch(/^[\w.-]+$/);
  });

  test('cannot be made up or prolonged', () => {
    const [until = '', sign = ''] = seal.seal('group a', now + 5000).split('.');
    const later = (Number.parseInt(until, 36) + 1000).toString(36);
    expect(seal.isFor(`${later}.${sign}`, 'group a', now)).toBe(false);
    fc.assert(fc.property(fc.string(), (text) => !seal.isFor(text, 'group a', now)));
    expect(seal.isFor(undefined, 'group a', now)).toBe(false);
  });
});

test.each([
  [['Cookie', 'a=1; AWSALB=x.y; b=2'], 'x.y'],
  [['cookie', 'AWSALB=x=y=='], 'x=y=='],
  [['Cookie', 'a=1', 'Cookie', 'AWSALB=second'], 'second'],
  [['Cookie', 'AWSALBTG=other'], undefined],
  [['Set-Cookie', 'AWSALB=x'], undefined],
  [[], undefined],
])('a cookie is found in %j', (headers, expected) => {
  expect(cookieValue(headers, 'AWSALB')).toBe(expected);
});

test('a cookie is set twice, the second time for other origins', () => {
  const expiresAt = Date.UTC(2030, 0, 2, 3, 4, 5);
  expect(cookiePair('AWSALB', 'v', { expiresAt, isSecure: true })).toEqual([
    'AWSALB=v; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Path=/',
    'AWSALBCORS=v; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Path=/; SameSite=None; Secure',
  ]);
  expect(cookiePair('AWSALB', 'v', { expiresAt, isSecure: false })[1]).not.toContain('Secure');
});
