import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UserError } from '../../src/errors.ts';
import { durationMs, loadSmokeFile } from '../../src/smoke/smoke-file.ts';
import { fillVariables } from '../../src/smoke/variables.ts';

const values = { base: 'http://shop.example', 'secrets.TOKEN': 'hunter2' };
const load = (text: string) => loadSmokeFile(text, 'smoke.yaml', values);
const faultsOf = (text: string): string => {
  try {
    load(text);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return '';
};
/** A file whose only check is the given one. */
const withCheck = (check: string): string => `version: 1\nchecks:\n  - ${check}\n`;

describe('loadSmokeFile', () => {
  test('fills in variables, defaults and the content type of a JSON body', () => {
    const suite = load(`
version: 1
defaults: { deadline: 1m, timeout: 500ms }
checks:
  - name: health
    get: \${{ base }}/healthz
    expect: { status: 200, json: { $.status: ok }, headers: { Content-Type: { contains: json } } }
  - name: login
    post: \${{base}}/login
    headers: { Authorization: "Bearer \${{ secrets.TOKEN }}" }
    json: { token: "\${{ secrets.TOKEN }}", n: 1 }
    timeout: 2s
    consecutive: 2
`);
    expect(suite).toEqual({
      file: 'smoke.yaml',
      deadlineMs: 60_000,
      checks: [
        {
          name: 'health',
          written: 'GET ${{ base }}/healthz',
          method: 'GET',
          url: 'http://shop.example/healthz',
          headers: {},
          timeoutMs: 500,
          consecutive: 3,
          expect: {
            statuses: [200],
            json: { '$.status': { equals: 'ok' } },
            headers: { 'content-type': { contains: 'json' } },
          },
          place: { file: 'smoke.yaml', line: 5, column: 5 },
        },
        {
          name: 'login',
          written: 'POST ${{base}}/login',
          method: 'POST',
          url: 'http://shop.example/login',
          headers: { 'content-type': 'application/json', authorization: 'Bearer hunter2' },
          body: '{"token":"hunter2","n":1}',
          timeoutMs: 2000,
          consecutive: 2,
          expect: { statuses: [], json: {}, headers: {} },
          place: { file: 'smoke.yaml', line: 8, column: 5 },
        },
      ],
    });
  });

  test('takes a default of consecutive for every method', () => {
    const text =
      'version: 1\ndefaults: { consecutive: 2 }\nchecks: [{ name: a, get: http://x }, { name: b, delete: http://x }]';
    expect(load(text).checks.map((check) => check.consecutive)).toEqual([2, 2]);
  });

  test.each([
    [
      'no checks',
      'version: 1\nchecks: []',
      '2:9  checks is a list of 0: expected a list with at least one check',
    ],
    ['another version', 'version: 2\nchecks: [{ name: a, get: http://x }]', '1:10  version is 2: expected 1'],
    [
      'an unknown key',
      withCheck('{ name: a, gett: http://x }'),
      '3:16  unknown key "gett" in checks[0]: did you mean "get"?',
    ],
    [
      'an unknown expectation',
      withCheck('{ name: a, get: http://x, expect: { statsu: 200 } }'),
      'unknown key "statsu" in checks[0].expect: did you mean "status"?',
    ],
    [
      'an unknown operator',
      withCheck('{ name: a, get: http://x, expect: { body: { contain: x } } }'),
      'unknown key "contain" in checks[0].expect.body: did you mean "contains"?',
    ],
    [
      'a duration without a unit',
      'version: 1\ndefaults: { timeout: 5 }\nchecks: [{ name: a, get: http://x }]',
      '2:22  defaults.timeout is 5: expected a duration with its unit, like 500ms',
    ],
    [
      'a status as a text',
      withCheck('{ name: a, get: http://x, expect: { status: "200" } }'),
      'smoke.yaml has 1 fault:\n  smoke.yaml:3:49  checks[0].expect.status is "200": expected a status like 200, or a list like [200, 204]',
    ],
    [
      'a check without a name',
      withCheck('get: http://x'),
      '3:5  checks[0] needs "name": a name for the check',
    ],
    [
      'no request',
      withCheck('name: a'),
      '3:5  check "a" has no request: expected one of get, post, put, delete',
    ],
    [
      'two requests',
      withCheck('{ name: a, get: http://x, put: http://x }'),
      'check "a" has 2 requests (get, put)',
    ],
    [
      'a body on a get',
      withCheck('{ name: a, get: http://x, json: { $.a: 1 } }'),
      '3:37  check "a": a get sends no json; to say what must come back, put it under expect',
    ],
    ['two bodies', withCheck('{ name: a, put: http://x, json: 1, body: x }'), 'check "a" has json and body'],
    [
      'a path for a URL',
      withCheck('{ name: a, get: /healthz }'),
      '3:21  check "a": get is "/healthz": expected a URL that begins with http://',
    ],
    [
      'another protocol',
      withCheck('{ name: a, get: "file:///etc/passwd" }'),
      'expected a URL that begins with http://',
    ],
    [
      'a wrong JSONPath',
      withCheck('{ name: a, get: http://x, expect: { json: { "$.[": 1 } } }'),
      '3:49  "$.[" is no JSONPath: ',
    ],
    [
      'redirects',
      'version: 1\ndefaults: { redirects: 5 }\nchecks: [{ name: a, get: http://x }]',
      'redirects is 5: expected 0: redirects are not followed',
    ],
    [
      'an unknown variable',
      withCheck('{ name: a, get: "${{ bse }}/" }'),
      '3:21  ${{ bse }} has no value. Did you mean "base"?',
    ],
    [
      'a variable like none',
      withCheck('{ name: a, get: "${{ zzzzzz }}/" }'),
      'has no value. Give it by the environment\'s `variables` in the manifest, or by the input "variables": zzzzzz=…',
    ],
    [
      'an unknown secret',
      withCheck('{ name: a, get: "http://x/${{ secrets.OTHER_NAME }}" }'),
      'Give it by the input "secrets": OTHER_NAME=…',
    ],
  ])('refuses %s, with its place', (_, text, expected) => {
    expect(faultsOf(text)).toContain(expected);
  });

  test('never repeats a secret in a fault', () => {
    expect(faultsOf(withCheck('{ name: "${{ secrets.TOKEN }}", get: "x" }'))).not.toContain('hunter2');
  });
});

test.each([
  ['500ms', 500],
  ['5s', 5000],
  ['3m', 180_000],
  ['1h', 3_600_000],
])('reads %s as %i ms', (text, expected) => {
  expect(durationMs(text)).toBe(expected);
});

test('leaves data without variables as it is', () => {
  const plain = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('${{'));
  fc.assert(
    fc.property(plain, (data) => {
      expect(fillVariables(data, values)).toEqual({ filled: data, unknown: [] });
    }),
  );
});
