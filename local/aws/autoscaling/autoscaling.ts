import type { Ecs } from '../ecs/ecs.ts';
import type { Random } from '../ecs/engine/identifiers.ts';
import { activityHandlers } from './api/activities.ts';
import type { AutoScalingApi, AutoScalingHandlers } from './api/entry.ts';
import { tagHandlers } from './api/tags.ts';
import { targetHandlers } from './api/targets.ts';
import { createScaler } from './engine/scaler.ts';

export interface AutoScalingOptions {
  /** `now` in epoch milliseconds. */
  clock: { now(): number };
  /** The services that are scaled; asked for when needed, since they may be made later. */
  ecs: () => Pick<Ecs, 'advance' | 'counts'>;
  random: Random;
}

export interface AutoScaling {
  /** The operations, for `jsonService`. */
  readonly handlers: AutoScalingHandlers;
  /** Lets everything due up to `now` (epoch ms) happen. */
  advance(now: number): void;
  nextDueAt(): number | undefined;
  /** Calls `listener` whenever what is due may have changed. */
  onChange(listener: () => void): void;
}

/** Makes an Application Auto Scaling for ECS services. Its state lives in memory. */
export function createAutoScaling({ clock, ecs, random }: AutoScalingOptions): AutoScaling {
  const scaler = createScaler({
    state: { now: clock.now(), scopes: {} },
    counts: () => ecs().counts,
    random,
    catchUp() {
      ecs().advance(clock.now());
      scaler.advance(clock.now());
    },
  });
  const api: AutoScalingApi = { scaler, random };
  return {
    handlers: { ...targetHandlers(api), ...activityHandlers(api), ...tagHandlers(api) },
    advance: scaler.advance,
    nextDueAt: scaler.nextDueAt,
    onChange: scaler.onChange,
  };
}
