import { describe, expect, it } from '@jest/globals';
import { behaves } from '../../runtime/scenario.ts';

describe('a sentence about a task', () => {
  it.each([
    [
      'pulls in 3 s, runs, becomes healthy after 8 s, dies with 137 at 40 s',
      {
        startsAfterMs: 3000,
        health: [{ afterMs: 8000, status: 'HEALTHY' }],
        target: [{ afterMs: 8000, state: 'healthy' }],
        exits: { afterMs: 37_000, code: 137 },
      },
    ],
    ['runs', {}],
    ['dies with 1 at 1.5 s', { exits: { afterMs: 500, code: 1 } }],
    [
      'dies with 137 at 1 min: OutOfMemoryError: Container killed due to memory usage',
      {
        exits: {
          afterMs: 59_000,
          code: 137,
          reason: 'OutOfMemoryError: Container killed due to memory usage',
        },
      },
    ],
    [
      'pulls in 2 s, cannot start: CannotPullContainerError: a, b',
      { startsAfterMs: 2000, failsToStart: 'CannotPullContainerError: a, b' },
    ],
    [
      'becomes healthy after 1 s, becomes unhealthy after 9 s, stops in 20 s',
      {
        health: [
          { afterMs: 1000, status: 'HEALTHY' },
          { afterMs: 9000, status: 'UNHEALTHY' },
        ],
        target: [
          { afterMs: 1000, state: 'healthy' },
          { afterMs: 9000, state: 'unhealthy' },
        ],
        stopsAfterMs: 20_000,
      },
    ],
  ])('%s', (sentence, behaviour) => {
    expect(behaves(sentence)).toEqual(behaviour);
  });

  it.each([
    ['pulls in 3', '"pulls in 3" says nothing about a task'],
    ['sleeps', '"sleeps" says nothing about a task'],
    ['pulls in 9 s, dies with 1 at 3 s', 'before it runs at 9000 ms'],
  ])('is refused when it is "%s"', (sentence, message) => {
    expect(() => behaves(sentence)).toThrow(message);
  });
});
