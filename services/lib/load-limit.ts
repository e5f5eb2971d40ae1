/**
 * How many requests a service has in hand at once, decided by how long work waits in line: for a turn of the event loop,
 * in processor time of its own, or for a connection of the pool. A wait that never ends within a window is a standing
 * queue, which makes every answer late and none faster; a burst that is worked off is none. The least wait of a window
 * tells them apart. A request stands in line as often as it has waited for something, six times to place an order: the
 * wait of one turn is a small part of what its client waits for, so a small one counts.
 * Sources: RFC 8289 (CoDel: least sojourn time, standing queue); Netflix concurrency-limits (limit times gradient);
 * "Overload Control for Scaling WeChat Microservices", 2018 (time in line, not response time: who waits for a slow
 * service downstream has nothing in line).
 */

/** Requests in hand that are taken whatever waits, as long as there was no standing queue of late. */
export const calmLimit = 64;
/** So many are always taken: fewer would leave the processor idle while they wait for answers of others. */
export const leastLimit = 4;
/** How many times longer than a standing queue's least a single wait may be: a moment's work is no queue. */
const patience = 5;
/** Length of a window, in milliseconds. */
export const windowMs = 50;
/** How much a limit grows in a window without anything like a standing queue. */
const growth = 1.05;
/** Least that is left of a limit after one window: what stands there longer is met again by the next. */
const leastShare = 0.5;

/** What was seen in the time since the limit was last decided. */
export interface Seen {
  /** How many windows long that was. */
  readonly windows: number;
  /** The least time that something was in line, in milliseconds; absent when nothing was measured. */
  readonly leastWaitMs?: number;
}

/**
 * The limit after what was seen; `aboveMs` is the least wait that counts as a standing queue. Just below that it stays: it
 * would else grow until there is one again.
 */
export function limitAfter(limit: number, { windows, leastWaitMs = 0 }: Seen, aboveMs: number): number {
  if (leastWaitMs <= aboveMs / 2) return Math.min(calmLimit, limit * growth ** windows);
  if (leastWaitMs <= aboveMs) return limit;
  return Math.max(leastLimit, limit * Math.max(leastShare, aboveMs / leastWaitMs));
}

/** What a request meets when it arrives. */
export interface Line {
  /** Requests that were taken and have not been answered. */
  readonly inHand: number;
  readonly limit: number;
  /** How long something that was put in line last has waited or is waiting, in milliseconds. */
  readonly waitMs: number;
}

/**
 * Says whether a request is taken. Above the limit only while all is calm and nothing waits long: those in hand wait for
 * somebody else then, and one more costs them nothing.
 */
export function isTaken({ inHand, limit, waitMs }: Line, aboveMs: number): boolean {
  return inHand < limit || (limit >= calmLimit && waitMs <= patience * aboveMs);
}
