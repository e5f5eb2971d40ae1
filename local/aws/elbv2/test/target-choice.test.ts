import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialHealth } from '../health/target-health.ts';
import { type Balancing, pickByWeight, pickTarget, routableTargets } from '../proxy/target-choice.ts';
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

describe('among the targets that may get a request', () => {
  const three = (['healthy', 'healthy', 'healthy'] as const).map(target);
  const pick = (more: Partial<Balancing>, targets = three) =>
    pickTarget(targets, { algorithm: 'round_robin', turn: 0, draw: 0, slowStartMs: 0, now: 1000, ...more })
      ?.id;

  test('round robin takes each in turn', () => {
    const ids = [0, 1, 2, 3].map((turn) => pick({ turn }));
    expect(ids).toEqual(['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.0']);
  });

  test('the one with the fewest requests under way is taken, in turn where several have as few', () => {
    const busy = three.map((each, index) => ({
      ...each,
      underWay: new Set(
        Array(index === 1 ? 2 : 1)
          .fill(0)
          .map(() => () => {}),
      ),
    }));
    const algorithm = 'least_outstanding_requests';
    expect([0, 1, 2].map((turn) => pick({ algorithm, turn }, busy))).toEqual([
      '10.0.0.0',
      '10.0.0.2',
      '10.0.0.0',
    ]);
  });

  test('a random one is taken by its draw', () => {
    const algorithm = 'weighted_random';
    expect([0, 0.34, 0.99].map((draw) => pick({ algorithm, draw }))).toEqual([
      '10.0.0.0',
      '10.0.0.1',
      '10.0.0.2',
    ]);
  });

  test('a new one begins with a small share that grows', () => {
    const [old, fresh] = [target('healthy', 0), { ...target('healthy', 1), healthyAt: 1000 }];
    const share = (now: number) => {
      const draws = Array.from({ length: 1000 }, (_, index) => index / 1000);
      return draws.filter((draw) => pick({ slowStartMs: 30_000, now, draw }, [old, fresh]) === fresh.id)
        .length;
    };
    expect(share(1000)).toBe(0);
    expect(share(16_000)).toBeCloseTo(333, -1);
    expect(pick({ slowStartMs: 30_000, now: 31_000, turn: 1 }, [old, fresh])).toBe(fresh.id);
  });

  test('new ones alone share evenly', () => {
    const fresh = three.map((each) => ({ ...each, healthyAt: 1000 }));
    expect([0, 1, 2].map((turn) => pick({ turn, slowStartMs: 30_000 }, fresh))).toEqual([
      '10.0.0.0',
      '10.0.0.1',
      '10.0.0.2',
    ]);
  });

  test('nobody is taken where nobody is', () => {
    expect(pick({}, [])).toBeUndefined();
  });
});
