import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AccessRequest, type CallerPolicies, decideAccess, renderDenial } from '../decide-access.ts';

const SERVICE = 'arn:aws:ecs:us-east-1:123456789012:service/shop/web';
const ACTION = 'ecs:UpdateService';

type Keys = Record<string, string | string[]>;

const request = (keys: Keys = {}, more: Partial<AccessRequest> = {}): AccessRequest => ({
  action: ACTION,
  resource: SERVICE,
  context: new Map(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), [value].flat()])),
  ...more,
});

const policy = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
const allow = (more: object = {}) => ({ Effect: 'Allow', Action: ACTION, Resource: SERVICE, ...more });
const deny = (more: object = {}) => ({ Effect: 'Deny', Action: ACTION, Resource: SERVICE, ...more });
const when = (Condition: object, keys: Keys = {}): [object, AccessRequest] => [
  policy(allow({ Condition })),
  request(keys),
];
const isAllowed = (document: unknown, asked: AccessRequest): boolean =>
  decideAccess({ identity: [document] }, asked).allowed;

describe('an identity policy', () => {
  test.each<[string, boolean, object, AccessRequest]>([
    ['allows the action on the resource it names', true, policy(allow()), request()],
    ['allows in a statement that is not in a list', true, { Statement: allow() }, request()],
    ['allows nothing without a statement', false, policy(), request()],
    ['allows no other action', false, policy(allow({ Action: 'ecs:DeleteService' })), request()],
    [
      'compares actions without regard to case',
      true,
      policy(allow({ Action: 'ECS:updateservice' })),
      request(),
    ],
    ['takes * in an action', true, policy(allow({ Action: 'ecs:Update*' })), request()],
    ['takes ? in an action', true, policy(allow({ Action: 'ecs:UpdateServic?' })), request()],
    ['takes * alone as any action', true, policy(allow({ Action: '*' })), request()],
    ['needs one of several actions', true, policy(allow({ Action: ['sqs:*', 'ecs:*'] })), request()],
    [
      'takes NotAction as all others',
      true,
      policy(allow({ Action: undefined, NotAction: 'iam:*' })),
      request(),
    ],
    [
      'does not allow what NotAction names',
      false,
      policy(allow({ Action: undefined, NotAction: 'ecs:*' })),
      request(),
    ],
    [
      'allows no other resource',
      false,
      policy(allow()),
      request({}, { resource: SERVICE.replace('web', 'api') }),
    ],
    [
      'compares resources with regard to case',
      false,
      policy(allow({ Resource: SERVICE.toUpperCase() })),
      request(),
    ],
    ['takes * in a resource', true, policy(allow({ Resource: 'arn:aws:ecs:*:*:service/shop/*' })), request()],
    ['takes ? in a resource', true, policy(allow({ Resource: SERVICE.replace('web', 'we?') })), request()],
    ['takes * at the end over colons', true, policy(allow({ Resource: 'arn:aws:ecs:*' })), request()],
    ['takes * alone as any resource', true, policy(allow({ Resource: '*' })), request()],
    [
      'takes NotResource as all others',
      true,
      policy(allow({ Resource: undefined, NotResource: SERVICE.replace('web', 'api') })),
      request(),
    ],
    [
      'does not allow what NotResource names',
      false,
      policy(allow({ Resource: undefined, NotResource: '*/shop/*' })),
      request(),
    ],
    [
      'allows an action without resources by * only',
      false,
      policy(allow({ Resource: 'arn:aws:ecs:*' })),
      request({}, { resource: '*' }),
    ],
    ['allows without a resource nothing', false, policy(allow({ Resource: undefined })), request()],
    ['is overruled by a deny beside it', false, policy(allow(), deny()), request()],
    ['is overruled by a deny before it', false, policy(deny(), allow()), request()],
    [
      'is not overruled by a deny of something else',
      true,
      policy(allow(), deny({ Action: 'ecs:Delete*' })),
      request(),
    ],
    [
      'is not overruled by a deny whose condition does not hold',
      true,
      policy(allow(), deny({ Condition: { StringEquals: { 'ecs:cluster': 'other' } } })),
      request({ 'ecs:cluster': 'shop' }),
    ],
    [
      'is overruled by a deny whose condition cannot be understood',
      false,
      policy(allow(), deny({ Condition: { StringMatches: { 'ecs:cluster': 'other' } } })),
      request(),
    ],
    ['knows no effect but two', false, policy(allow({ Effect: 'allow' })), request()],
  ])('%s', (_title, expected, document, asked) => {
    expect(isAllowed(document, asked)).toBe(expected);
  });
});

describe('a condition', () => {
  const team = { 'aws:ResourceTag/team': 'shop' };
  test.each<[string, boolean, object, AccessRequest]>([
    ['holds by equal text', true, ...when({ StringEquals: { 'aws:ResourceTag/team': 'shop' } }, team)],
    ['compares text with case', false, ...when({ StringEquals: { 'aws:ResourceTag/team': 'Shop' } }, team)],
    ['takes keys without case', true, ...when({ StringEquals: { 'AWS:resourcetag/TEAM': 'shop' } }, team)],
    [
      'ignores case where it says so',
      true,
      ...when({ StringEqualsIgnoreCase: { 'aws:ResourceTag/team': 'SHOP' } }, team),
    ],
    [
      'takes no wildcard in StringEquals',
      false,
      ...when({ StringEquals: { 'aws:ResourceTag/team': 's*' } }, team),
    ],
    [
      'takes wildcards in StringLike',
      true,
      ...when({ StringLike: { 'aws:ResourceTag/team': 's?o*' } }, team),
    ],
    [
      'does not hold for a key that is not there',
      false,
      ...when({ StringEquals: { 'aws:ResourceTag/team': 'shop' } }),
    ],
    [
      'holds negated for a key that is not there',
      true,
      ...when({ StringNotEquals: { 'aws:ResourceTag/team': 'x' } }),
    ],
    [
      'negates all of a list',
      false,
      ...when({ StringNotEquals: { 'aws:ResourceTag/team': ['mill', 'shop'] } }, team),
    ],
    [
      'holds with IfExists for no key',
      true,
      ...when({ StringEqualsIfExists: { 'aws:ResourceTag/team': 'x' } }),
    ],
    [
      'is checked with IfExists where the key is there',
      false,
      ...when({ StringEqualsIfExists: { 'aws:ResourceTag/team': 'x' } }, team),
    ],
    [
      'holds for one of several values',
      true,
      ...when({ StringLike: { 'aws:ResourceTag/team': ['a', 'sh*'] } }, team),
    ],
    [
      'needs all of its keys',
      false,
      ...when({ StringEquals: { 'aws:ResourceTag/team': 'shop', 'ecs:cluster': 'x' } }, team),
    ],
    [
      'needs all of its operators',
      false,
      ...when({ StringEquals: team, StringLike: { 'ecs:cluster': '*' } }, team),
    ],
    ['tells that a key is absent', true, ...when({ Null: { 'ecs:cluster': 'true' } })],
    ['tells that a key is there', false, ...when({ Null: { 'aws:ResourceTag/team': 'true' } }, team)],
    [
      'takes a boolean of JSON',
      true,
      ...when({ Bool: { 'ecs:enable-execute-command': false } }, { 'ecs:enable-execute-command': 'false' }),
    ],
    [
      'matches an ARN part by part',
      true,
      ...when(
        { ArnLike: { 'ecs:cluster': 'arn:aws:ecs:*:123456789012:cluster/shop-*' } },
        { 'ecs:cluster': 'arn:aws:ecs:us-east-1:123456789012:cluster/shop-prod' },
      ),
    ],
    [
      'does not match an ARN over its colons',
      false,
      ...when(
        { ArnEquals: { 'ecs:cluster': 'arn:aws:ecs:*:cluster/*' } },
        { 'ecs:cluster': 'arn:aws:ecs:us-east-1:123456789012:cluster/shop' },
      ),
    ],
    [
      'matches none of other ARNs',
      false,
      ...when(
        { ArnNotLike: { 'ecs:cluster': 'arn:aws:ecs:*:*:cluster/shop' } },
        { 'ecs:cluster': 'arn:aws:ecs:us-east-1:123456789012:cluster/shop' },
      ),
    ],
    [
      'compares numbers',
      true,
      ...when({ NumericLessThanEquals: { 'ecs:task-cpu': '1024' } }, { 'ecs:task-cpu': '256' }),
    ],
    [
      'finds a number too large',
      false,
      ...when({ NumericLessThan: { 'ecs:task-cpu': 256 } }, { 'ecs:task-cpu': '256' }),
    ],
    [
      'holds for no text as a number',
      false,
      ...when({ NumericGreaterThan: { 'ecs:task-cpu': '1' } }, { 'ecs:task-cpu': 'much' }),
    ],
    [
      'compares dates',
      true,
      ...when(
        { DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } },
        { 'aws:CurrentTime': '2026-11-21T09:00:00Z' },
      ),
    ],
    [
      'compares dates with epoch seconds',
      false,
      ...when(
        { DateGreaterThan: { 'aws:CurrentTime': '1800000000' } },
        { 'aws:CurrentTime': '2026-11-21T09:00:00Z' },
      ),
    ],
    [
      'finds an address in a range',
      true,
      ...when(
        { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '127.0.0.0/8'] } },
        { 'aws:SourceIp': '127.0.0.1' },
      ),
    ],
    [
      'finds an address out of a range',
      true,
      ...when({ NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, { 'aws:SourceIp': '127.0.0.1' }),
    ],
    [
      'knows addresses of version 6',
      true,
      ...when({ IpAddress: { 'aws:SourceIp': '2001:db8::/32' } }, { 'aws:SourceIp': '2001:db8::7' }),
    ],
    [
      'finds no address in what is no range',
      false,
      ...when({ IpAddress: { 'aws:SourceIp': '127.0.0.1/33' } }, { 'aws:SourceIp': '127.0.0.1' }),
    ],
    [
      'holds for any value of a list',
      true,
      ...when({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['team'] } }, { 'aws:TagKeys': ['team', 'x'] }),
    ],
    [
      'holds for any value only where there is one',
      false,
      ...when({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['team'] } }),
    ],
    [
      'does not hold for all values of a list',
      false,
      ...when({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } }, { 'aws:TagKeys': ['team', 'x'] }),
    ],
    [
      'holds for all values of none',
      true,
      ...when({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } }),
    ],
    [
      'with an operator nobody knows does not hold',
      false,
      ...when({ StringMatches: { 'ecs:cluster': '*' } }, { 'ecs:cluster': 'x' }),
    ],
    ['of another form does not hold', false, ...when(['StringEquals'])],
  ])('%s', (_title, expected, document, asked) => {
    expect(isAllowed(document, asked)).toBe(expected);
  });
});

describe('a policy variable', () => {
  const path = 'arn:aws:ecs:us-east-1:123456789012:service/shop/${aws:PrincipalTag/team}';
  const tagged = (team: string | string[]) => request({ 'aws:PrincipalTag/team': team });
  test.each<[string, boolean, object, AccessRequest]>([
    ['stands for its value in a resource', true, policy(allow({ Resource: path })), tagged('web')],
    ['keeps other values out', false, policy(allow({ Resource: path })), tagged('api')],
    ['without a value matches nothing', false, policy(allow({ Resource: path })), request()],
    ['with several values matches nothing', false, policy(allow({ Resource: path })), tagged(['web', 'api'])],
    [
      'takes its default where there is no value',
      true,
      policy(allow({ Resource: path.replace('team', "team, 'web'") })),
      request(),
    ],
    ['brings no wildcard in', false, policy(allow({ Resource: path })), tagged('*')],
    [
      'stands for its value in a condition',
      true,
      ...when(
        { StringEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' } },
        { 'aws:ResourceTag/team': 'a*', 'aws:PrincipalTag/team': 'a*' },
      ),
    ],
    [
      'writes a plain star',
      true,
      ...when({ StringLike: { 'ecs:cluster': 'a${*}' } }, { 'ecs:cluster': 'a*' }),
    ],
    [
      'writes a star that is no wildcard',
      false,
      ...when({ StringLike: { 'ecs:cluster': 'a${*}' } }, { 'ecs:cluster': 'ab' }),
    ],
    [
      'is plain text in the older version',
      false,
      { Version: '2008-10-17', Statement: [allow({ Resource: path })] },
      tagged('web'),
    ],
  ])('%s', (_title, expected, document, asked) => {
    expect(isAllowed(document, asked)).toBe(expected);
  });
});

describe('boundary and session policy', () => {
  const all = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
  const reads = policy({ Effect: 'Allow', Action: 'ecs:Describe*', Resource: '*' });
  const denied = policy(allow(), deny());
  test.each<[string, CallerPolicies, string]>([
    ['both allow', { identity: [all], boundary: all, session: [all] }, 'allowed'],
    ['the session allows by one of its policies', { identity: [all], session: [reads, all] }, 'allowed'],
    ['an empty session does not narrow', { identity: [all], session: [] }, 'allowed'],
    [
      'no identity policy allows',
      { identity: [reads], boundary: all },
      'because no identity-based policy allows the ecs:UpdateService action',
    ],
    [
      'there is no policy at all',
      { identity: [] },
      'because no identity-based policy allows the ecs:UpdateService action',
    ],
    [
      'the boundary does not allow',
      { identity: [all], boundary: reads },
      'because no permissions boundary allows the ecs:UpdateService action',
    ],
    [
      'the session does not allow',
      { identity: [all], session: [reads] },
      'because no session policy allows the ecs:UpdateService action',
    ],
    [
      'a boundary alone allows nothing',
      { identity: [], boundary: all },
      'because no identity-based policy allows the ecs:UpdateService action',
    ],
    [
      'an identity policy denies',
      { identity: [all, denied] },
      'with an explicit deny in an identity-based policy',
    ],
    [
      'the boundary denies',
      { identity: [all], boundary: denied },
      'with an explicit deny in a permissions boundary',
    ],
    ['the session denies', { identity: [], session: [denied] }, 'with an explicit deny in a session policy'],
  ])('%s', (_title, policies, expected) => {
    const decision = decideAccess(policies, request());
    const user = 'arn:aws:sts::123456789012:assumed-role/deploy/run-1';
    const said = decision.allowed ? 'allowed' : renderDenial(user, request(), decision);
    expect(
      said.replace(`User: ${user} is not authorized to perform: ${ACTION} on resource: ${SERVICE} `, ''),
    ).toBe(expected);
  });
});

describe('whatever the policies say', () => {
  const statement = fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: fc.constantFrom('ecs:*', ACTION, 'ecs:Describe*', '*'),
    Resource: fc.constantFrom('*', SERVICE, 'arn:aws:ecs:*:*:service/mill/*'),
    Condition: fc.constantFrom(
      {},
      { StringEquals: { 'ecs:cluster': 'shop' } },
      { StringNotLike: { 'ecs:cluster': 's*' } },
      { Unknown: { 'ecs:cluster': 'shop' } },
    ),
  });
  const document = fc.array(statement, { maxLength: 4 }).map((statements) => policy(...statements));
  const policies = fc.record(
    {
      identity: fc.array(document, { maxLength: 3 }),
      boundary: document,
      session: fc.array(document, { maxLength: 2 }),
    },
    { requiredKeys: ['identity'] },
  );
  const asked = fc.constantFrom(
    request(),
    request({ 'ecs:cluster': 'shop' }),
    request({ 'ecs:cluster': 'mill' }),
  );

  test('one more deny never allows more', () => {
    fc.assert(
      fc.property(policies, statement, asked, (given, extra, call) => {
        const more = { ...given, identity: [...given.identity, policy({ ...extra, Effect: 'Deny' })] };
        return decideAccess(given, call).allowed || !decideAccess(more, call).allowed;
      }),
    );
  });

  test('one more allow never refuses what was allowed', () => {
    fc.assert(
      fc.property(policies, statement, asked, (given, extra, call) => {
        const more = { ...given, identity: [...given.identity, policy({ ...extra, Effect: 'Allow' })] };
        return !decideAccess(given, call).allowed || decideAccess(more, call).allowed;
      }),
    );
  });

  test('a boundary or a session policy never allows more', () => {
    fc.assert(
      fc.property(policies, document, asked, ({ identity }, extra, call) => {
        const bare = decideAccess({ identity }, call).allowed;
        const narrowed = [
          { identity, boundary: extra },
          { identity, session: [extra] },
        ];
        return narrowed.every((given) => bare || !decideAccess(given, call).allowed);
      }),
    );
  });

  test('the order of policies and statements changes nothing', () => {
    fc.assert(
      fc.property(policies, asked, (given, call) => {
        const turned = given.identity
          .toReversed()
          .map(({ Statement, ...rest }) => ({ ...rest, Statement: Statement.toReversed() }));
        return (
          decideAccess({ ...given, identity: turned }, call).allowed === decideAccess(given, call).allowed
        );
      }),
    );
  });
});
