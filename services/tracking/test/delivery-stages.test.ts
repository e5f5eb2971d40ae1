import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mayReach, type Stage, stageAt, stages } from '../delivery-stages.ts';

const pickup = { lat: 52.5, lon: 13.4 };
const dropoff = { lat: 52.52, lon: 13.42 };
const between = { lat: 52.51, lon: 13.41 };
/** 140 m and 160 m north of the pickup. */
const [near, far] = [140, 160].map((metres) => ({ lat: pickup.lat + metres / 111_195, lon: pickup.lon }));

describe('stageAt', () => {
  test.each<[Stage | undefined, typeof pickup | undefined, Stage | undefined]>([
    [undefined, between, 'en-route'],
    [undefined, pickup, 'near-pickup'],
    [undefined, near, 'near-pickup'],
    [undefined, far, 'en-route'],
    ['en-route', between, undefined],
    ['en-route', pickup, 'near-pickup'],
    ['en-route', dropoff, undefined],
    ['near-pickup', pickup, undefined],
    ['near-pickup', dropoff, undefined],
    ['picked-up', pickup, undefined],
    ['picked-up', dropoff, 'near-dropoff'],
    ['near-dropoff', dropoff, undefined],
    ['delivered', dropoff, undefined],
  ])('of a driver who is %s, at %j, is %s', (stage, point, reached) => {
    expect(stageAt({ stage, pickup, dropoff }, point ?? between)).toBe(reached);
  });

  test('of an order whose places are not known or erased is under way at most', () => {
    const route = { pickup: undefined, dropoff: undefined };
    expect(stageAt({ ...route, stage: undefined }, pickup)).toBe('en-route');
    expect(stageAt({ ...route, stage: 'picked-up' }, dropoff)).toBeUndefined();
  });
});

test('no way through the stages goes back or leaves out the pick-up', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...stages)), (wanted) => {
      const way: Stage[] = [];
      for (const stage of wanted) if (mayReach(way.at(-1), stage)) way.push(stage);
      expect(way).toEqual(stages.filter((stage) => way.includes(stage)));
      if (way.includes('near-dropoff') || way.includes('delivered')) expect(way).toContain('picked-up');
    }),
  );
});
