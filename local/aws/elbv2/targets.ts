import type { Target, TargetHealthView } from '../ecs/target-groups.ts';
import { attributeNumber } from './attributes.ts';
import { drainingView, initialHealth, notInUseView, notRegisteredView } from './health/target-health.ts';
import type { TargetGroupRecord, TargetRecord } from './records.ts';
import type { Timer } from './timer.ts';

export interface TargetsDependencies {
  now(): number;
  timer: Timer;
  /** Multiplies the deregistration delay: 1 as on AWS, 0.1 ten times faster. */
  timeScale: number;
  /** Whether a load balancer uses the group. */
  isInUse(group: TargetGroupRecord): boolean;
  /** Called when targets have come, gone or begun to drain. */
  changed(): void;
}

const keyOf = ({ id, port }: Target) => `${id}:${port}`;

/** Registers and deregisters targets, and tells their health. */
export class Targets {
  readonly #dependencies: TargetsDependencies;

  constructor(dependencies: TargetsDependencies) {
    this.#dependencies = dependencies;
  }

  /** A target that is there already stays as it is; one that drains starts anew. */
  register(group: TargetGroupRecord, target: Target): void {
    this.#expire(group);
    const known = group.targets.get(keyOf(target));
    if (known && known.drainingUntil === undefined) return;
    const record = {
      id: target.id,
      port: target.port,
      health: initialHealth,
      underWay: new Set<() => void>(),
    };
    group.targets.set(keyOf(target), record);
    this.#dependencies.changed();
  }

  /**
   * Begins the deregistration delay: no new requests, those under way may finish until it ends. In a group
   * that no load balancer uses the target is gone at once. An unknown target is passed over, as AWS does.
   */
  deregister(group: TargetGroupRecord, target: Target): void {
    this.#expire(group);
    const record = group.targets.get(keyOf(target));
    if (!record || record.drainingUntil !== undefined) return;
    const { now, timer, timeScale, isInUse, changed } = this.#dependencies;
    const delaySeconds = isInUse(group) ? attributeNumber(group, 'deregistration_delay.timeout_seconds') : 0;
    const delayMs = delaySeconds * 1000 * timeScale;
    record.drainingUntil = now() + delayMs;
    if (delayMs === 0) this.#expire(group);
    else {
      timer.after(delayMs, () => {
        this.#expire(group);
        changed();
      });
    }
    changed();
  }

  /** The targets of a group, draining ones included. */
  list(group: TargetGroupRecord): TargetRecord[] {
    this.#expire(group);
    return [...group.targets.values()];
  }

  health(group: TargetGroupRecord, target: Target): TargetHealthView {
    this.#expire(group);
    const record = group.targets.get(keyOf(target));
    if (!record) return notRegisteredView;
    if (record.drainingUntil !== undefined) return drainingView;
    return this.#dependencies.isInUse(group) ? record.health.view : notInUseView;
  }

  /** Forgets the targets whose delay has ended and cuts what is still under way to them. */
  #expire(group: TargetGroupRecord): void {
    for (const [key, record] of group.targets) {
      if (record.drainingUntil === undefined || record.drainingUntil > this.#dependencies.now()) continue;
      group.targets.delete(key);
      for (const cut of [...record.underWay]) cut();
    }
  }
}
