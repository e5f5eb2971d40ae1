import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialHealth } from '../health/target-health.ts';
import { pickByWeight, routableTargets } from '../proxy/target-choice.ts';
import type { TargetRecord } from '../records.ts';

type State = 'healthy' | 'unhealthy' | 'initial' | 'draining';

const target = (state: State, index: number): TargetRecord => ({
  id: `10.0.0.${index}`,
  port: 80,
  health: state === 'draining' ? initialHealth : { view: { state }, passes: 0, failures: [] },
  underWay: new Set(),
  ...(state === 'draining' ? { drainingUntil: 1 } : {}),
});

const routed = (states: State[], minimum = 1) =>
  routableTargets(states.map(target), minimum).map(({ id }) => Number(id.split('.')[3]));

describe('a new request may go to', () => {
  test.each<[string, State[], number, number[]]>([
    ['the healthy targets', ['healthy', 'unhealthy', 'initial', 'healthy'], 1, [0, 3]],
    ['all targets when none is healthy', ['unhealthy', 'initial'], 1, [0, 1]],
    ['all targets when too few are healthy', ['healthy', 'unhealthy'], 2, [0, 1]],
    ['no draining target', ['draining', 'unhealthy'], 1, [1]],
    ['nobody when all drain', ['draining', 'draining'], 1, []],
    ['nobody in an empty group', [], 1, []],
  ])('%s', (_title, states, minimum, expected) => {
    expect(routed(states, minimum)).toEqual(expected);
  });

  test('someone whenever a target is registered, and never to a draining one', () => {
    const states = fc.array(fc.constantFrom<State>('healthy', 'unhealthy', 'initial', 'draining'));
    fc.assert(
      fc.property(states, fc.integer({ min: 1, max: 5 }), (all, minimum) => {
        const chosen = routed(all, minimum);
        expect(chosen.some((index) => all[index] === 'draining')).toBe(false);
        expect(chosen.length > 0).toBe(all.some((state) => state !== 'draining'));
      }),
    );
  });
});

describe('weights', () => {
  const choices = [
    { weight: 0, name: 'off' },
    { weight: 90, name: 'old' },
    { weight: 10, name: 'new' },
  ];

  test.each([
    [0, 'old'],
    [0.899, 'old'],
    [0.9, 'new'],
    [0.999, 'new'],
  ])('a draw of %d picks %s', (draw, name) => {
    expect(pickByWeight(choices, draw)?.name).toBe(name);
  });

  test('of zero for all pick nobody', () => {
    expect(pickByWeight([{ weight: 0 }], 0)).toBeUndefined();
  });
});
