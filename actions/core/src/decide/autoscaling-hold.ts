/** One way in which a service's desired count is changed for it. */
export type Scaling = 'scale-in' | 'scale-out' | 'scheduled';

/** Which of them a user wants still while a run deploys; the words of the input `hold-autoscaling`. */
export type HoldWish = 'off' | 'scale-in' | 'dynamic' | 'all';

/** Which ways of scaling are suspended. */
export type Suspended = Readonly<Record<Scaling, boolean>>;

/** A service's scalable target with what an earlier run left to be resumed; absent: nothing. */
export interface ScalableTargetReading {
  /** `service/<cluster>/<service>`. */
  resourceId: string;
  targetArn: string;
  suspended: Suspended;
  left?: readonly Scaling[];
}

const ALL: readonly Scaling[] = ['scale-in', 'scale-out', 'scheduled'];

const WISHES: Readonly<Record<HoldWish, readonly Scaling[]>> = {
  off: [],
  'scale-in': ['scale-in'],
  dynamic: ['scale-in', 'scale-out'],
  all: ALL,
};

/** What to do with one target: nothing, or to suspend these; `resume` is what to undo in the end. */
export interface HoldPlan {
  suspend: readonly Scaling[];
  resume: readonly Scaling[];
}

/**
 * Plans a hold: only what is not suspended yet is suspended, and only that is resumed. What an earlier run left
 * suspended was not suspended before it, so it is resumed with it.
 */
export function planHold(wish: HoldWish, { suspended, left = [] }: ScalableTargetReading): HoldPlan {
  const suspend = WISHES[wish].filter((scaling) => !suspended[scaling]);
  return { suspend, resume: ALL.filter((scaling) => suspend.includes(scaling) || left.includes(scaling)) };
}

/** The state with some of it changed; all three are given, so that none is left to a default. */
export function withSuspended(
  before: Suspended,
  scalings: readonly Scaling[],
  isSuspended: boolean,
): Suspended {
  return { ...before, ...Object.fromEntries(scalings.map((scaling) => [scaling, isSuspended])) };
}

/** What is remembered on the target itself: which scaling this run suspends, in the letters of a tag's value. */
export function renderHold(resume: readonly Scaling[]): string {
  return resume.join(' ');
}

/** Reads a remembered hold; words that are none are left out. */
export function parseHold(text: string | undefined): Scaling[] {
  const words = new Set((text ?? '').split(/\s+/));
  return ALL.filter((scaling) => words.has(scaling));
}
