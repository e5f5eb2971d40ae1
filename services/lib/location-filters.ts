import { flatMetres } from './flat-distance.ts';
import type { Ping, PingResult } from './ping.ts';

/** What a filter looks at: the ping, the last accepted one of the driver, and the server's time in epoch ms. */
interface Sight {
  readonly ping: Ping;
  readonly last: Ping | undefined;
  readonly now: number;
}

type Filter = readonly [result: Exclude<PingResult, 'accepted'>, isUnfit: (sight: Sight) => boolean];

const futureMs = 60_000;
const inaccurateM = 200;
const soonMs = 500;
/** 250 km/h. */
const fastMs = 70;

/** In this order; the first that finds a ping unfit says why. */
const filters: readonly Filter[] = [
  ['future', ({ ping, now }) => Date.parse(ping.at) > now + futureMs],
  ['outdated', ({ ping, last }) => last !== undefined && Date.parse(ping.at) <= Date.parse(last.at)],
  ['inaccurate', ({ ping }) => (ping.accuracyM ?? 0) > inaccurateM],
  ['too-soon', ({ ping, last }) => last !== undefined && msBetween(last, ping) < soonMs],
  ['too-fast', ({ ping, last }) => last !== undefined && speed(last, ping) > fastMs],
];

/**
 * Judges a position that a driver's device reports. A phone sends what it has: late, twice, far off after a tunnel;
 * what is unfit is counted and left out, and never answered with an error that would have it sent again.
 */
export function judgePing(ping: Ping, last: Ping | undefined, now: number): PingResult {
  return filters.find(([, isUnfit]) => isUnfit({ ping, last, now }))?.[0] ?? 'accepted';
}

function msBetween(one: Ping, other: Ping): number {
  return Date.parse(other.at) - Date.parse(one.at);
}

/** Metres a second. */
function speed(one: Ping, other: Ping): number {
  return flatMetres(one, other) / (msBetween(one, other) / 1000);
}
