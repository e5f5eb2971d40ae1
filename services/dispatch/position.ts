/** A place on the globe, in degrees. */
export interface Position {
  readonly lat: number;
  readonly lon: number;
}

/** Mean radius of the earth, in metres (IUGG). */
const earthMetres = 6_371_008.8;
const radians = Math.PI / 180;

/** Great-circle distance in metres (haversine). */
export function metresBetween(one: Position, other: Position): number {
  const sinLat = Math.sin(((other.lat - one.lat) * radians) / 2);
  const sinLon = Math.sin(((other.lon - one.lon) * radians) / 2);
  const chord =
    sinLat * sinLat + Math.cos(one.lat * radians) * Math.cos(other.lat * radians) * sinLon * sinLon;
  return 2 * earthMetres * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/**
 * How far in longitude, in degrees, a place can be from another that is at most `metres` away; 180 when a pole lies
 * within (Bronshtein, bounding coordinates).
 */
export function longitudeReach(from: Position, metres: number): number {
  const angle = metres / earthMetres;
  const latitude = Math.abs(from.lat) * radians;
  if (latitude + angle >= Math.PI / 2) return 180;
  return Math.asin(Math.sin(angle) / Math.cos(latitude)) / radians;
}

/** Degrees of latitude in so many metres. */
export function latitudeReach(metres: number): number {
  return metres / earthMetres / radians;
}

/** Metres between two latitudes. */
export function latitudeMetres(one: Position, other: Position): number {
  return Math.abs(other.lat - one.lat) * radians * earthMetres;
}
