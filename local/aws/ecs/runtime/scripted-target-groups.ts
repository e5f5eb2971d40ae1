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
  /** The groups and the health of their targets, as plain data. */
  save(): SavedTargetGroups;
  /** Begins from saved groups; the targets go on as their behaviour says once they are registered again. */
  load(saved: SavedTargetGroups): void;
}

export interface SavedTargetGroups {
  /** Deregistration delay in milliseconds, by group. */
  delays: Record<string, number>;
  /** `<group> <address>:<port>` and what it has come to; `goneAt` is the end of its draining. */
  targets: { key: string; health: TargetHealthView; goneAt?: number }[];
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
  const goneAt = new Map<string, number>();
  /** Targets that have come out of a saved state and are not registered again yet. */
  const known = new Set<string>();
  const listeners: (() => void)[] = [];
  const keyOf = (arn: string, { id, port }: Target) => `${arn} ${id}:${port}`;

  function set(key: string, health: TargetHealthView): void {
    targets.set(key, health);
    for (const listener of listeners) listener();
  }

  function register(arn: string, target: Target): void {
    const key = keyOf(arn, target);
    const isKnown = known.delete(key);
    if (!isKnown) set(key, { state: 'initial', reason: 'Elb.RegistrationInProgress' });
    for (const { afterMs, ...health } of behaviourOf(target.id) ?? DEFAULT_BEHAVIOUR) {
      if (isKnown && afterMs === 0) continue;
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
    drain(key, agenda.now() + (delays.get(arn) ?? 0) * timeScale);
  }

  function drain(key: string, endsAt: number): void {
    goneAt.set(key, endsAt);
    agenda.after(endsAt - agenda.now(), () => {
      targets.delete(key);
      goneAt.delete(key);
      for (const listener of listeners) listener();
    });
  }

  function load(saved: SavedTargetGroups): void {
    for (const [arn, delayMs] of Object.entries(saved.delays)) delays.set(arn, delayMs);
    for (const { key, health, goneAt: endsAt } of saved.targets) {
      targets.set(key, health);
      if (endsAt === undefined) known.add(key);
      else drain(key, endsAt);
    }
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
    save: () => ({
      delays: Object.fromEntries(delays),
      targets: [...targets].map(([key, health]) => {
        const endsAt = goneAt.get(key);
        return { key, health, ...(endsAt === undefined ? {} : { goneAt: endsAt }) };
      }),
    }),
    load,
    nextDueAt: agenda.nextDueAt,
    advance: agenda.advance,
  };
}
