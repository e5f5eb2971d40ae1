import type { AutoScalingState } from './state.ts';

const FORMAT = 'local-application-auto-scaling/1';

/** The state as JSON. */
export const saveScaling = (state: AutoScalingState): string => JSON.stringify({ format: FORMAT, state });

/**
 * Takes what `saveScaling` wrote for the state. Throws, with nothing changed, for anything else, where there are
 * targets already, and when `now` (epoch ms) is before the state's own time.
 */
export function readScaling(saved: string, into: AutoScalingState, now: number): void {
  const read: unknown = JSON.parse(saved);
  const isOurs = typeof read === 'object' && read !== null && 'format' in read && 'state' in read;
  if (!isOurs || read.format !== FORMAT) {
    throw new Error(
      `This is no saved state of Application Auto Scaling; expected JSON with "format": "${FORMAT}".`,
    );
  }
  // Our own writing: the format says which shape it has.
  const state = read.state as AutoScalingState;
  if (Object.values(into.scopes).some(({ targets }) => Object.keys(targets).length > 0)) {
    throw new Error('A state can be loaded only where there are no scalable targets yet.');
  }
  if (now < state.now) {
    const [savedAt, clock] = [state.now, now].map((at) => new Date(at).toISOString());
    throw new Error(`The state was saved at ${savedAt}; the clock stands before that, at ${clock}.`);
  }
  Object.assign(into, state);
}
