import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lifecyclePlan, weightsFor } from '../../engine/decide-lifecycle.ts';

const shifts = (configuration: DeploymentConfiguration) =>
  lifecyclePlan(configuration, false).flatMap(({ productionPercent = 0, bakeMinutes }) =>
    productionPercent > 0 ? [[productionPercent, bakeMinutes]] : [],
  );

describe('the stages of a deployment that shifts traffic', () => {
  it('come in their order, RECONCILE_SERVICE only with several revisions', () => {
    const blueGreen: DeploymentConfiguration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 };
    const stages = [
      'PRE_SCALE_UP',
      'SCALE_UP',
      'POST_SCALE_UP',
      'TEST_TRAFFIC_SHIFT',
      'POST_TEST_TRAFFIC_SHIFT',
      'PRE_PRODUCTION_TRAFFIC_SHIFT',
      'PRODUCTION_TRAFFIC_SHIFT',
      'POST_PRODUCTION_TRAFFIC_SHIFT',
      'BAKE_TIME',
      'CLEAN_UP',
    ];
    expect(lifecyclePlan(blueGreen, false).map(({ stage }) => stage)).toEqual(stages);
    expect(lifecyclePlan(blueGreen, true).map(({ stage }) => stage)).toEqual([
      'RECONCILE_SERVICE',
      ...stages,
    ]);
    expect(lifecyclePlan(blueGreen, true).at(-2)).toEqual({ stage: 'BAKE_TIME', bakeMinutes: 5 });
  });

  it.each<[string, DeploymentConfiguration, (number | undefined)[][]]>([
    ['BLUE_GREEN at once', { strategy: 'BLUE_GREEN' }, [[100, undefined]]],
    [
      'CANARY by default',
      { strategy: 'CANARY' },
      [
        [5, 10],
        [100, undefined],
      ],
    ],
    [
      'CANARY as told',
      { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0.1, canaryBakeTimeInMinutes: 0 } },
      [
        [0.1, 0],
        [100, undefined],
      ],
    ],
    [
      'CANARY of everything',
      { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 100 } },
      [[100, undefined]],
    ],
    [
      'LINEAR in uneven steps',
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 1 } },
      [
        [40, 1],
        [80, 1],
        [100, undefined],
      ],
    ],
  ])('shift %s', (_title, configuration, expected) => {
    expect(shifts(configuration)).toEqual(expected);
  });

  it('shift LINEAR by 10 percent every 6 minutes unless told otherwise', () => {
    expect(shifts({ strategy: 'LINEAR' })).toEqual([
      ...[10, 20, 30, 40, 50, 60, 70, 80, 90].map((percent) => [percent, 6]),
      [100, undefined],
    ]);
  });
});

describe('weights of a rule', () => {
  it.each([
    [0, 0, 100],
    [5, 5, 95],
    [100, 100, 0],
    [0.1, 1, 998],
    [33.3, 333, 666],
  ])('for %d percent are %d to %d', (percent, target, other) => {
    expect(weightsFor(percent)).toEqual({ target, other });
  });

  it('are whole numbers within 0 and 999, and true to a tenth of a percent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (tenths) => {
        const { target, other } = weightsFor(tenths / 10);
        for (const weight of [target, other]) expect(Number.isInteger(weight) && weight >= 0).toBe(true);
        expect(Math.abs((target / (target + other)) * 100 - tenths / 10)).toBeLessThanOrEqual(0.05);
      }),
    );
  });
});
