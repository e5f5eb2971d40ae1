import { flatMetres, type Point } from '../lib/flat-distance.ts';

/** How far a driver is with an order, from first to last. */
export const stages = ['en-route', 'near-pickup', 'picked-up', 'near-dropoff', 'delivered'] as const;
export type Stage = (typeof stages)[number];

/** The stages a stage may follow; `undefined` is a driver who has not moved yet. What lies behind never comes again. */
const earlier: Readonly<Record<Stage, readonly (Stage | undefined)[]>> = {
  'en-route': [undefined],
  'near-pickup': [undefined, 'en-route'],
  'picked-up': [undefined, 'en-route', 'near-pickup'],
  'near-dropoff': ['picked-up'],
  delivered: ['picked-up', 'near-dropoff'],
};

/** So near, in metres, a driver is there: the other side of the street, plus what a phone is off by. */
const nearMetres = 150;

/** What is needed of an order to see by a position how far it is. */
export interface Route {
  readonly stage: Stage | undefined;
  readonly pickup: Point | undefined;
  readonly dropoff: Point | undefined;
}

/** Says whether a driver who is at `from` can come to `to`. */
export function mayReach(from: Stage | undefined, to: Stage): boolean {
  return earlier[to].includes(from);
}

/** The stage a driver has reached by being at a point; `undefined` when it tells nothing new. */
export function stageAt({ stage, pickup, dropoff }: Route, point: Point): Stage | undefined {
  const isNear = (place: Point | undefined) => place !== undefined && flatMetres(place, point) <= nearMetres;
  const seen = (['near-dropoff', 'near-pickup', 'en-route'] as const).filter((to) => mayReach(stage, to));
  return seen.find(
    (to) =>
      to === 'en-route' ||
      (to === 'near-pickup' && isNear(pickup)) ||
      (to === 'near-dropoff' && isNear(dropoff)),
  );
}
