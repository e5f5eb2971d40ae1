import { describe, expect, test } from '@jest/globals';
import { judgePreflight, type NeededThing, type PreflightReading } from '../../src/decide/preflight.ts';
import { T0 } from './readings.ts';

const calm: PreflightReading = {
  needs: [],
  deployedAt: T0,
  settings: [],
  desiredCount: 2,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  rollbacksInHour: 0,
};
const needs = (what: string, state: NeededThing['state'], rest: Partial<NeededThing> = {}) => ({
  needs: [{ what, name: 'x', state, ...rest }],
});
const moved = { deployed: 'sha256:1', now: 'sha256:2' };

describe('what a rollback would meet', () => {
  test.each<[string, Partial<PreflightReading>, string[]]>([
    ['nothing in the way', {}, []],
    ['everything there', needs('image', 'there'), []],
    ['an image that a lifecycle rule removed', needs('image', 'missing'), ['refuse image-missing']],
    ['an archived image', needs('image', 'archived'), ['refuse image-archived']],
    ['an image outside of ECR', needs('image', 'unknown', { why: 'no' }), ['warn image-unchecked']],
    ['a tag that moved on', needs('image', 'there', { moved }), ['warn image-moved']],
    ['a deleted parameter', needs('parameter', 'missing'), ['refuse parameter-missing']],
    [
      'a parameter changed since',
      needs('parameter', 'there', { changedAt: T0 + 1 }),
      ['warn parameter-changed'],
    ],
    ['a parameter changed before', needs('parameter', 'there', { changedAt: T0 - 1 }), []],
    ['a secret nobody looked at', needs('secret', 'unknown', { why: 'no' }), ['warn secret-unchecked']],
    ['a log group that is gone', needs('log group', 'missing'), ['refuse log-group-missing']],
    ['a target group that is gone', needs('target group', 'missing'), ['refuse target-group-missing']],
    ['a subnet that stays', { settings: [{ path: 'a', before: '1', after: '2' }] }, ['warn settings']],
    ['a count of 0', { desiredCount: 0 }, ['warn scaled-to-zero']],
    ['no room to start or stop a task', { maximumPercent: 100 }, ['refuse no-room']],
    ['room by stopping first', { minimumHealthyPercent: 50, maximumPercent: 100 }, []],
    ['no room by rounding', { desiredCount: 1, maximumPercent: 150 }, ['refuse no-room']],
    ['one rollback within the hour', { rollbacksInHour: 1 }, []],
    ['two rollbacks within the hour', { rollbacksInHour: 2 }, ['warn ping-pong']],
  ])('is told for %s', (_title, change, expected) => {
    const findings = judgePreflight({ ...calm, ...change });
    expect(findings.map(({ kind, check }) => `${kind} ${check}`)).toEqual([...expected, 'warn unseen']);
    for (const { text } of findings) expect(text).not.toMatch(/undefined/);
  });
});
