import { setTimeout } from 'node:timers/promises';
import type { Ecs } from '../../ecs/ecs.ts';
import type { Random } from '../../ecs/engine/identifiers.ts';
import type { TaskUsage } from '../../ecs/runtime/docker-usage.ts';
import { type AutoScaling, createAutoScaling } from '../autoscaling.ts';
import { PERIOD_MS } from '../engine/evaluate-target.ts';
import { alarmBookAt } from './alarm-book.ts';
import { backendAt } from './back-end.ts';
import { createReadMetrics, livePeriodMs, scaleLive } from './scale-live.ts';

export interface LiveAutoScalingOptions {
  ecs: Pick<Ecs, 'advance' | 'counts'>;
  taskUsage(): Promise<TaskUsage[]>;
  /** Base URL of what serves CloudWatch and SQS. */
  backend: string;
  now(): number;
  random: Random;
  timeScale: number;
  warn(line: string): void;
}

/** Starts an Application Auto Scaling of real services, on the metrics of a back end's CloudWatch. */
export function startAutoScaling(
  options: LiveAutoScalingOptions,
): Pick<AutoScaling, 'handlers'> & { stop(): Promise<void> } {
  const { ecs, now, random, taskUsage, warn } = options;
  const ask = backendAt(options.backend, fetch);
  const periodMs = livePeriodMs(options.timeScale);
  const metrics = createReadMetrics();
  const alarmBook = alarmBookAt(ask, warn);
  const autoScaling = createAutoScaling({
    clock: { now },
    ecs: () => ecs,
    ...{ metrics, alarmBook, random },
    timeScale: periodMs / PERIOD_MS,
  });
  const ending = new AbortController();
  const sleep = (ms: number, signal: AbortSignal) => setTimeout(ms, undefined, { signal });
  const live = { ask, counts: ecs.counts, taskUsage, now, sleep, periodMs, warn };
  const scaling = scaleLive(autoScaling, metrics, live, ending.signal);
  return {
    handlers: autoScaling.handlers,
    async stop() {
      ending.abort();
      await scaling;
      await alarmBook.idle();
    },
  };
}
