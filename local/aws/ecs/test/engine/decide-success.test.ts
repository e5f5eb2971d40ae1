import { describe, expect, it } from '@jest/globals';
import { decideSuccess, type SuccessView } from '../../engine/decide-success.ts';

const early = (healthyPercent: number, sourceServiceRevisionCleanup: 'BLOCKING' | 'DEFERRED') => ({
  enable: true,
  healthyPercent,
  sourceServiceRevisionCleanup,
});

const view = (wanted: Partial<SuccessView>): SuccessView => ({
  criteria: undefined,
  desiredCount: 4,
  healthyCount: 0,
  isSteady: false,
  hasOlder: true,
  bakeMs: 0,
  bakeUntil: undefined,
  now: 1000,
  ...wanted,
});

describe('the success of a rolling deployment', () => {
  it.each<[string, Partial<SuccessView>, object]>([
    ['waits for the steady state', { healthyCount: 4 }, { isComplete: false, replacesAll: false }],
    ['comes with the steady state', { isSteady: true, hasOlder: false }, { isComplete: true }],
    ['waits until its alarms are known', { isSteady: true, bakeMs: undefined }, { isComplete: false }],
    ['begins to bake', { isSteady: true, bakeMs: 500 }, { isComplete: false, bakeUntil: 1500, dueAt: 1500 }],
    ['goes on baking', { isSteady: true, bakeMs: 500, bakeUntil: 1100 }, { isComplete: false, dueAt: 1100 }],
    [
      'comes with the end of the bake',
      { isSteady: true, bakeMs: 500, bakeUntil: 1000 },
      { isComplete: true },
    ],
    [
      'waits for the healthy percent, rounded up',
      { criteria: early(60, 'DEFERRED'), healthyCount: 2 },
      { isComplete: false, replacesAll: false },
    ],
    [
      'comes early and cleans up behind',
      { criteria: early(60, 'DEFERRED'), healthyCount: 3 },
      { isComplete: true, replacesAll: true },
    ],
    [
      'cleans up before it comes',
      { criteria: early(60, 'BLOCKING'), healthyCount: 3 },
      { isComplete: false, replacesAll: true },
    ],
    [
      'comes when the clean-up is done',
      { criteria: early(60, 'BLOCKING'), healthyCount: 3, hasOlder: false },
      { isComplete: true },
    ],
    [
      'bakes before an early success',
      { criteria: early(60, 'BLOCKING'), healthyCount: 3, bakeMs: 10 },
      { isComplete: false, replacesAll: false, dueAt: 1010 },
    ],
    [
      'takes no early success that is switched off',
      { criteria: { enable: false, healthyPercent: 0 } },
      { isComplete: false },
    ],
  ])('%s', (_title, wanted, decision) => {
    expect(decideSuccess(view(wanted))).toMatchObject(decision);
  });
});
