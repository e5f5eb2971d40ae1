import type { Ecs } from '../ecs/ecs.ts';
import type { TimedSource } from '../ecs/engine/engine.ts';
import type { Random } from '../ecs/engine/identifiers.ts';
import { activityHandlers } from './api/activities.ts';
import type { AutoScalingApi, AutoScalingHandlers } from './api/entry.ts';
import { policyHandlers } from './api/policies.ts';
import { tagHandlers } from './api/tags.ts';
import { targetHandlers } from './api/targets.ts';
import { type AlarmBook, NO_ALARM_BOOK } from './engine/alarm-book.ts';
import type { MetricPlace, MetricSource, MetricStat } from './engine/metrics.ts';
import { createScaler } from './engine/scaler.ts';
import { readScaling, saveScaling } from './engine/snapshot.ts';
import { trackedStats } from './engine/tracked-stats.ts';

export interface AutoScalingOptions {
  /** `now` in epoch milliseconds. */
  clock: { now(): number };
  /** The services that are scaled; asked for when needed, since they may be made later. */
  ecs: () => Pick<Ecs, 'advance' | 'counts'>;
  metrics: MetricSource;
  /** Where the alarms of policies are shown; nowhere by default. */
  alarmBook?: AlarmBook;
  random: Random;
  /** Multiplies CloudWatch's period of one minute and the cooldowns; 1 by default. */
  timeScale?: number;
}

/** As a `TimedSource` it looks at its policies when they are due, in the engine's virtual time. */
export interface AutoScaling extends TimedSource {
  /** The operations, for `jsonService`. */
  readonly handlers: AutoScalingHandlers;
  /** Takes `now` (epoch ms) as the time and ends the activities that have been fulfilled. */
  settle(now: number): void;
  /** Looks at every policy's metric as of `now` and does what follows. */
  evaluate(now: number): void;
  /** The metrics that policies look at now. */
  tracked(): { place: MetricPlace; stat: MetricStat }[];
  /** All it knows, as JSON; metrics and services are no part of it. */
  save(): string;
  /** Begins from what `save` gave, over a state without targets. Throws for anything else. */
  load(saved: string): void;
}

/** Makes an Application Auto Scaling for ECS services. Its state lives in memory. */
export function createAutoScaling(options: AutoScalingOptions): AutoScaling {
  const { clock, ecs, random, metrics, timeScale = 1, alarmBook = NO_ALARM_BOOK } = options;
  const state = { now: clock.now(), evaluatedAt: clock.now(), scopes: {} };
  const scaler = createScaler({
    state,
    counts: () => ecs().counts,
    ...{ metrics, alarmBook, random, timeScale },
    catchUp() {
      ecs().advance(clock.now());
      scaler.settle(clock.now());
    },
  });
  const api: AutoScalingApi = { scaler, random };
  return {
    handlers: {
      ...targetHandlers(api),
      ...policyHandlers(api),
      ...activityHandlers(api),
      ...tagHandlers(api),
    },
    settle: scaler.settle,
    evaluate: scaler.evaluate,
    nextDueAt: scaler.nextDueAt,
    advance(now) {
      const due = scaler.nextDueAt();
      if (due !== undefined && due <= now) scaler.evaluate(now);
      else scaler.settle(now);
    },
    tracked: () => trackedStats(state),
    save: () => saveScaling(state),
    load: (saved) => readScaling(saved, state, clock.now()),
  };
}
