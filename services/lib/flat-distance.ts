/** A place on the globe, in degrees. */
export interface Point {
  readonly lat: number;
  readonly lon: number;
}

const metresOfDegree = 111_195;

/** Metres between two places as if the earth were flat there: within a percent up to some ten kilometres. */
export function flatMetres(one: Point, other: Point): number {
  const north = (other.lat - one.lat) * metresOfDegree;
  const turn = Math.abs(other.lon - one.lon);
  const east = Math.min(turn, 360 - turn) * metresOfDegree * Math.cos((one.lat * Math.PI) / 180);
  return Math.hypot(north, east);
}
