import { expect, test } from '@jest/globals';
import { tryRegionHint } from '../src/region.ts';

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
