import { expect, test } from '@jest/globals';
import { tryRegionHint, trySecondRegion } from '../src/region.ts';

test.each([
  [
    'getaddrinfo ENOTFOUND ecs.us-esat-1.amazonaws.com',
    /no AWS region "us-esat-1"\. Did you mean "us-east-1"/,
  ],
  ['getaddrinfo ENOTFOUND api.ecr.eu-wset-1.amazonaws.com', /Did you mean "eu-west-1"/],
])('finds the mistyped region in %s', (message, expected) => {
  expect(tryRegionHint(message)).toMatch(expected);
});

test.each([
  'getaddrinfo ENOTFOUND ecs.us-east-1.amazonaws.com',
  'getaddrinfo ENOTFOUND shop.example.com',
  'connect ECONNREFUSED 127.0.0.1:4566',
])('says nothing about %s', (message) => {
  expect(tryRegionHint(message)).toBeUndefined();
});

test.each([
  ['eu-west-1', 'us-east-1'],
  ['us-east-1', 'us-west-2'],
  ['cn-northwest-1', 'cn-north-1'],
  ['us-gov-west-1', 'us-gov-east-1'],
  ['us-iso-east-1', undefined],
  ['eusc-de-east-1', undefined],
])('asks for %s in the same partition in %s', (region, expected) => {
  expect(trySecondRegion(region)).toBe(expected);
});
