import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isExpectedCode, tryParseMatcher } from '../health/matcher.ts';
import { afterCheck, type CheckOutcome, initialHealth } from '../health/target-health.ts';

const thresholds = { healthyThreshold: 3, unhealthyThreshold: 2, matcher: '200-299,301' };
const code = (value: number): CheckOutcome => ({ kind: 'answered', code: value });
const ok = code(200);
const slow: CheckOutcome = { kind: 'timed-out' };
const refused: CheckOutcome = { kind: 'failed' };

const mismatch = (codes: string) => ({
  state: 'unhealthy',
  reason: 'Target.ResponseCodeMismatch',
  description: `Health checks failed with these codes: [${codes}]`,
});
const initial = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
};
const timedOut = { state: 'unhealthy', reason: 'Target.Timeout', description: 'Request timed out' };
const failed = {
  state: 'unhealthy',
  reason: 'Target.FailedHealthChecks',
  description: 'Health checks failed',
};
const healthy = { state: 'healthy' };

/** A target's health after a whole history of checks, oldest first. */
function judge(checks: readonly CheckOutcome[]) {
  return checks.reduce((record, check) => afterCheck(record, check, thresholds), initialHealth).view;
}

describe('a target', () => {
  test.each<[string, CheckOutcome[], object]>([
    ['without a check yet is initial', [], initial],
    ['is healthy after its first pass', [ok], healthy],
    ['is healthy by any code of the matcher', [code(301)], healthy],
    ['stays initial below the unhealthy threshold', [code(500)], initial],
    ['is unhealthy at the unhealthy threshold', [code(500), code(500)], mismatch('500')],
    ['shows each code of the streak once', [code(502), code(503)], mismatch('502, 503')],
    ['shows the newest kind of failure', [code(500), slow], timedOut],
    ['shows a refused connection', [refused, refused], failed],
    ['stays healthy at one failure', [ok, refused], healthy],
    ['forgets failures at a pass', [ok, refused, ok, refused], healthy],
    ['becomes unhealthy after being healthy', [ok, slow, slow], timedOut],
    ['needs the healthy threshold to come back', [slow, slow, ok, ok], timedOut],
    ['comes back at the healthy threshold', [slow, slow, ok, ok, ok], healthy],
    ['counts passes in a row only', [slow, slow, ok, ok, slow, ok, ok], timedOut],
    ['changes its reason while it stays unhealthy', [slow, slow, code(404), code(404)], mismatch('404')],
  ])('%s', (_title, outcomes, expected) => {
    expect(judge(outcomes)).toEqual(expected);
  });

  const outcome = fc.constantFrom<CheckOutcome>(ok, code(301), code(404), code(500), slow, refused);
  const history = fc.array(outcome, { maxLength: 40 });
  const passes = (check: CheckOutcome) =>
    check.kind === 'answered' && isExpectedCode(check.code, '200-299,301');

  test('is never unhealthy without a run of failures as long as the threshold', () => {
    fc.assert(
      fc.property(history, (checks) => {
        const run = checks.some((_, at) => at > 0 && !checks.slice(at - 1, at + 1).some(passes));
        return run || judge(checks).state !== 'unhealthy';
      }),
    );
  });

  test('is healthy after as many passes as the threshold, whatever came before', () => {
    fc.assert(fc.property(history, (checks) => judge([...checks, ok, ok, ok]).state === 'healthy'));
  });

  test('has a reason and a description exactly when it is not healthy', () => {
    fc.assert(
      fc.property(history, (checks) => {
        const { state, reason, description } = judge(checks);
        return [reason, description].every((text) => (text === undefined) === (state === 'healthy'));
      }),
    );
  });
});

describe('a matcher', () => {
  test.each([
    ['200', [[200, 200]]],
    [
      '200,301',
      [
        [200, 200],
        [301, 301],
      ],
    ],
    ['200-299', [[200, 299]]],
    [
      '200-204, 302',
      [
        [200, 204],
        [302, 302],
      ],
    ],
    ['', undefined],
    ['ok', undefined],
    ['199', undefined],
    ['200-500', undefined],
    ['299-200', undefined],
    ['200,', undefined],
  ])('%j is read as %j', (text, expected) => {
    expect(tryParseMatcher(text)).toEqual(expected);
  });
});
