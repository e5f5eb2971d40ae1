import type { ImageTagMutability } from '@aws-sdk/client-ecr';
import { describe, expect, test } from '@jest/globals';
import { isImmutable, readMutability } from '../mutability.ts';

const filters = (...texts: string[]) => texts.map((filter) => ({ filterType: 'WILDCARD' as const, filter }));

describe('a tag may not move', () => {
  test.each<[ImageTagMutability, string[], string, boolean]>([
    ['MUTABLE', [], 'v1', false],
    ['IMMUTABLE', [], 'latest', true],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', 'dev-*'], 'v1', true],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', 'dev-*'], 'latest', false],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', 'dev-*'], 'dev-7', false],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', 'dev-*'], 'my-dev-7', true],
    ['MUTABLE_WITH_EXCLUSION', ['release-*'], 'release-1', true],
    ['MUTABLE_WITH_EXCLUSION', ['release-*'], 'main', false],
  ])('in %s except %j: %s is %s', (setting, excluded, tag, expected) => {
    expect(isImmutable(readMutability(setting, filters(...excluded)), tag)).toBe(expected);
  });
});

describe('a setting is refused', () => {
  test.each<[string, ImageTagMutability, string[], RegExp]>([
    ['with filters that nothing takes', 'IMMUTABLE', ['latest'], /go with 'IMMUTABLE_WITH_EXCLUSION'/],
    ['without the filters it needs', 'IMMUTABLE_WITH_EXCLUSION', [], /needs at least one exclusion filter/],
    ['with six filters', 'IMMUTABLE_WITH_EXCLUSION', [...'abcdef'], /at most 5/],
    ['with three wildcards', 'IMMUTABLE_WITH_EXCLUSION', ['a*b*c*'], /more than two wildcards/],
    ['with a filter of other characters', 'IMMUTABLE_WITH_EXCLUSION', ['a b'], /is not 1-128 letters/],
  ])('%s', (_title, setting, excluded, message) => {
    expect(() => readMutability(setting, filters(...excluded))).toThrow(message);
  });
});
