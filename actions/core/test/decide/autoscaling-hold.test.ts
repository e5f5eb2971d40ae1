import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type HoldWish,
  parseHold,
  planHold,
  renderHold,
  type ScalableTargetReading,
  type Scaling,
  withSuspended,
} from '../../src/decide/autoscaling-hold.ts';

const target = (suspended: Scaling[], left?: Scaling[]): ScalableTargetReading => ({
  resourceId: 'service/shop/web',
  targetArn: 'arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/0',
  suspended: withSuspended({ 'scale-in': false, 'scale-out': false, scheduled: false }, suspended, true),
  ...(left ? { left } : {}),
});

describe('holding autoscaling', () => {
  test.each<[HoldWish, Scaling[], Scaling[] | undefined, Scaling[], Scaling[]]>([
    ['off', [], undefined, [], []],
    ['scale-in', [], undefined, ['scale-in'], ['scale-in']],
    ['dynamic', [], undefined, ['scale-in', 'scale-out'], ['scale-in', 'scale-out']],
    ['all', [], undefined, ['scale-in', 'scale-out', 'scheduled'], ['scale-in', 'scale-out', 'scheduled']],
    // Suspended by a person before: neither suspended nor resumed.
    ['all', ['scale-in'], undefined, ['scale-out', 'scheduled'], ['scale-out', 'scheduled']],
    ['scale-in', ['scale-in'], undefined, [], []],
    // Left by a run that was killed: resumed with the hold of this run.
    ['scale-in', ['scale-in', 'scale-out'], ['scale-in', 'scale-out'], [], ['scale-in', 'scale-out']],
    [
      'dynamic',
      ['scheduled'],
      ['scheduled'],
      ['scale-in', 'scale-out'],
      ['scale-in', 'scale-out', 'scheduled'],
    ],
    ['off', ['scale-in'], ['scale-in'], [], ['scale-in']],
  ])(
    '%s, with %j suspended and %j left, suspends %j and resumes %j',
    (wish, suspended, left, suspend, resume) => {
      expect(planHold(wish, target(suspended, left))).toEqual({ suspend, resume });
    },
  );

  const scalings = fc.subarray<Scaling>(['scale-in', 'scale-out', 'scheduled']);
  const wishes = fc.constantFrom<HoldWish>('off', 'scale-in', 'dynamic', 'all');

  test('leaves a target as it was, whatever was suspended before and however often runs were killed', () => {
    fc.assert(
      fc.property(scalings, fc.array(wishes, { minLength: 1, maxLength: 5 }), (before, runs) => {
        let suspended = target(before).suspended;
        let left: Scaling[] | undefined;
        // Each run but the last is killed with its hold in place; the tag is all that the next one has.
        for (const wish of runs) {
          const plan = planHold(wish, { ...target([]), suspended, ...(left ? { left } : {}) });
          left = parseHold(renderHold(plan.resume));
          suspended = withSuspended(suspended, plan.suspend, true);
        }
        expect(withSuspended(suspended, left ?? [], false)).toEqual(target(before).suspended);
      }),
    );
  });

  test('reads what was remembered, and nothing of what it does not know', () => {
    fc.assert(
      fc.property(scalings, (some) => expect([...parseHold(renderHold(some))].sort()).toEqual(some.sort())),
    );
    expect([parseHold(undefined), parseHold(''), parseHold('more scale-out')]).toEqual([
      [],
      [],
      ['scale-out'],
    ]);
  });
});
