import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesPattern } from '../../glob.ts';
import { decideTrust, type TrustPrincipal } from '../trust-policy.ts';

const GITHUB = 'token.actions.githubusercontent.com';
const PROVIDER = `arn:aws:iam::123456789012:oidc-provider/${GITHUB}`;
const federated: TrustPrincipal = { kind: 'federated', providerArn: PROVIDER };
const ACTION = 'sts:AssumeRoleWithWebIdentity';

const keys = new Map([
  [`${GITHUB}:aud`, ['sts.amazonaws.com']],
  [`${GITHUB}:sub`, ['repo:acme@1/shop@2:environment:prod']],
  [`${GITHUB}:repository_id`, ['2']],
  [`${GITHUB}:amr`, ['a', 'b']],
]);

const statement = (condition: object, more: object = {}) => ({
  Effect: 'Allow',
  Principal: { Federated: PROVIDER },
  Action: ACTION,
  Condition: condition,
  ...more,
});

const trusted = (...statements: object[]) =>
  decideTrust(
    { Version: '2012-10-17', Statement: statements },
    { action: ACTION, principal: federated, context: keys },
  ).trusted;

describe('decideTrust on conditions', () => {
  const sub = `${GITHUB}:sub`;
  const absent = `${GITHUB}:environment`;
  test.each([
    ['equal text', { StringEquals: { [sub]: 'repo:acme@1/shop@2:environment:prod' } }, true],
    ['one of several texts', { StringEquals: { [sub]: ['x', 'repo:acme@1/shop@2:environment:prod'] } }, true],
    ['other text', { StringEquals: { [sub]: 'repo:acme/shop:environment:prod' } }, false],
    ['other case of the text', { StringEquals: { [sub]: 'Repo:acme@1/shop@2:environment:prod' } }, false],
    [
      'other case of the key',
      { StringEquals: { [sub.toUpperCase()]: 'repo:acme@1/shop@2:environment:prod' } },
      true,
    ],
    ['case ignored', { StringEqualsIgnoreCase: { [sub]: 'REPO:acme@1/shop@2:environment:PROD' } }, true],
    ['a star in StringEquals is a star', { StringEquals: { [sub]: 'repo:*' } }, false],
    ['a star in StringLike is any text', { StringLike: { [sub]: 'repo:acme@*/shop@2:*' } }, true],
    [
      'a question mark is one character',
      { StringLike: { [sub]: 'repo:acme@?/shop@?:environment:prod' } },
      true,
    ],
    ['a pattern must match the whole', { StringLike: { [sub]: 'acme*' } }, false],
    ['a dot in a pattern is a dot', { StringLike: { [`${GITHUB}:aud`]: 'sts.amazonaws?com' } }, true],
    [
      'all operators must hold',
      { StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' }, StringLike: { [sub]: 'x' } },
      false,
    ],
    ['all keys must hold', { StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com', [sub]: 'x' } }, false],
    ['absent key', { StringEquals: { [absent]: 'prod' } }, false],
    ['absent key, IfExists', { StringEqualsIfExists: { [absent]: 'prod' } }, true],
    ['present key, IfExists', { StringEqualsIfExists: { [`${GITHUB}:repository_id`]: '3' } }, false],
    ['absent key, negated', { StringNotEquals: { [absent]: 'prod' } }, true],
    ['negated, equal', { StringNotLike: { [sub]: 'repo:acme*' } }, false],
    ['Null true on an absent key', { Null: { [absent]: 'true' } }, true],
    ['Null true on a present key', { Null: { [sub]: true } }, false],
    ['ForAnyValue, one fits', { 'ForAnyValue:StringEquals': { [`${GITHUB}:amr`]: ['b', 'c'] } }, true],
    ['ForAnyValue, absent', { 'ForAnyValue:StringEquals': { [absent]: 'prod' } }, false],
    [
      'ForAllValues, one does not fit',
      { 'ForAllValues:StringEquals': { [`${GITHUB}:amr`]: ['b', 'c'] } },
      false,
    ],
    ['ForAllValues, absent', { 'ForAllValues:StringEquals': { [absent]: 'prod' } }, true],
    ['unknown operator', { StringRhymes: { [sub]: 'x' } }, false],
  ])('%s', (_what, condition, expected) => {
    expect(trusted(statement(condition))).toBe(expected);
  });
});

describe('decideTrust on statements', () => {
  test.each([
    ['no statement', [], false],
    ['another action', [statement({}, { Action: 'sts:AssumeRole' })], false],
    ['any action of STS', [statement({}, { Action: ['sts:*'] })], true],
    [
      'another provider',
      [statement({}, { Principal: { Federated: PROVIDER.replace('123', '321') } })],
      false,
    ],
    ['an AWS principal', [statement({}, { Principal: { AWS: '*' } })], false],
    ['anybody', [statement({}, { Principal: '*' })], true],
    ['a deny after an allow', [statement({}), statement({}, { Effect: 'Deny' })], false],
    [
      'a deny whose condition fails',
      [statement({}), statement({ StringEquals: { a: 'b' } }, { Effect: 'Deny' })],
      true,
    ],
    [
      'a deny with an unknown operator',
      [statement({}), statement({ Odd: { a: 'b' } }, { Effect: 'Deny' })],
      false,
    ],
    ['no effect', [statement({}, { Effect: undefined })], false],
  ])('%s', (_what, statements, expected) => {
    expect(trusted(...statements)).toBe(expected);
  });

  test.each([
    ['its account', { AWS: '123456789012' }, true],
    ['its account root', { AWS: ['arn:aws:iam::123456789012:root'] }, true],
    ['its own ARN', { AWS: 'arn:aws:iam::123456789012:role/deploy' }, true],
    ['another role', { AWS: 'arn:aws:iam::123456789012:role/other' }, false],
    ['another account', { AWS: '210987654321' }, false],
  ])('a role is trusted by %s', (_what, principal, expected) => {
    const caller: TrustPrincipal = {
      kind: 'aws',
      accountId: '123456789012',
      arn: 'arn:aws:iam::123456789012:role/deploy',
    };
    const policy = { Statement: { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' } };
    const decision = decideTrust(policy, { action: 'sts:AssumeRole', principal: caller, context: new Map() });
    expect(decision.trusted).toBe(expected);
  });

  test('tells which statement decided', () => {
    const request = { action: ACTION, principal: federated, context: keys };
    const deny = statement({}, { Effect: 'Deny' });
    expect(decideTrust({ Statement: [deny] }, request)).toEqual({
      trusted: false,
      reason: 'denied',
      statement: 0,
    });
    expect(decideTrust({ Statement: [statement({ Odd: { a: 'b' } }), statement({})] }, request)).toEqual({
      trusted: true,
      statement: 1,
    });
    expect(decideTrust(undefined, request)).toEqual({ trusted: false, reason: 'no-statement-allows' });
  });
});

test('a pattern without wildcards matches itself and nothing else', () => {
  const plain = fc.string().filter((text) => !/[*?]/.test(text));
  fc.assert(fc.property(plain, plain, (a, b) => matchesPattern(a, b) === (a === b)));
});
