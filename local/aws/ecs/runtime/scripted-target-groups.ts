import type { TimedSource } from '../engine/engine.ts';
import type { Target, TargetGroups, TargetHealthView } from '../target-groups.ts';
import { createAgenda } from './agenda.ts';
import type { Behaviour } from './scripted-runtime.ts';

const DEFAULT_DELAY_MS = 300_000;
const DEFAULT_BEHAVIOUR = [{ afterMs: 10_000, state: 'healthy' }] as const;

export interface ScriptedTargetGroups extends TargetGroups, TimedSource {
  /** Makes a target group; its deregistration delay is 300 s unless given, in milliseconds. */
  create(targetGroupArn: string, deregistrationDelayMs?: number): void;
  /** Sets the health of a registered target at once. */
  setHealth(targetGroupArn: string, target: Target, health: TargetHealthView): void;
  /** Addresses registered and not draining. */
  registered(targetGroupArn: string): string[];
}

/**
 * Target groups without a load balancer: a target's health follows `behaviourOf` its address in virtual time,
 * `initial` at first; deregistered, it drains for the group's delay (times `timeScale`), then is `unused`.
 */
export function createScriptedTargetGroups(
  behaviourOf: (privateIp: string) => Behaviour['target'],
  { startsAt = 0, timeScale = 1 }: { startsAt?: number; timeScale?: number } = {},
): ScriptedTargetGroups {
  const agenda = createAgenda(startsAt);
  const delays = new Map<string, number>();
  const targets = new Map<string, TargetHealthView>();
  const listeners: (() => void)[] = [];
  const keyOf = (arn: string, { id, port }: Target) => `${arn} ${id}:${port}`;

  function set(key: string, health: TargetHealthView): void {
    targets.set(key, health);
    for (const listener of listeners) listener();
  }

  function register(arn: string, target: Target): void {
    const key = keyOf(arn, target);
    set(key, { state: 'initial', reason: 'Elb.RegistrationInProgress' });
    for (const { afterMs, ...health } of behaviourOf(target.id) ?? DEFAULT_BEHAVIOUR) {
      agenda.after(afterMs, () => {
        const current = targets.get(key)?.state;
        if (current !== undefined && current !== 'draining') set(key, health);
      });
    }
  }

  function deregister(arn: string, target: Target): void {
    const key = keyOf(arn, target);
    if (!targets.has(key)) return;
    set(key, { state: 'draining', reason: 'Target.DeregistrationInProgress' });
    agenda.after((delays.get(arn) ?? 0) * timeScale, () => {
      targets.delete(key);
      for (const listener of listeners) listener();
    });
  }

  return {
    register,
    deregister,
    health: (arn, target) =>
      targets.get(keyOf(arn, target)) ?? { state: 'unused', reason: 'Target.NotRegistered' },
    exists: (arn) => delays.has(arn),
    deregistrationDelayMs: (arn) => delays.get(arn) ?? DEFAULT_DELAY_MS,
    onChange: (listener) => void listeners.push(listener),
    create: (arn, delayMs = DEFAULT_DELAY_MS) => void delays.set(arn, delayMs),
    setHealth: (arn, target, health) => set(keyOf(arn, target), health),
    registered: (arn) =>
      [...targets].flatMap(([key, health]) => {
        const [group, address = ''] = key.split(' ');
        return group === arn && health.state !== 'draining' ? [address.split(':')[0] ?? ''] : [];
      }),
    nextDueAt: agenda.nextDueAt,
    advance: agenda.advance,
  };
}
