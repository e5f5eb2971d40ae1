import { describe, expect, it } from '@jest/globals';
import { backOffMs } from '../../engine/decide-back-off.ts';
import { timingsFor } from '../../engine/timings.ts';

describe('the restart back-off', () => {
  it('lets two launches fail, then doubles from 5 seconds to 15 minutes', () => {
    const seconds = Array.from({ length: 12 }, (_, level) => backOffMs(level, timingsFor(1)) / 1000);
    expect(seconds).toEqual([0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
  });

  it('is shorter on a shorter time scale', () => {
    expect(backOffMs(30, timingsFor(0.01))).toBe(9000);
  });
});
