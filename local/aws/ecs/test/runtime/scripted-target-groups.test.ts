import { describe, expect, it } from '@jest/globals';
import { createScriptedTargetGroups } from '../../runtime/scripted-target-groups.ts';

const GROUP = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1';
const TARGET = { id: '10.0.0.4', port: 8000 };

describe('scripted target groups', () => {
  it('make a target initial, then what the script says, and tell of each change', () => {
    const groups = createScriptedTargetGroups(() => [
      { afterMs: 20, state: 'healthy' },
      { afterMs: 50, state: 'unhealthy', reason: 'Target.Timeout' },
    ]);
    let changes = 0;
    groups.onChange(() => {
      changes += 1;
    });
    groups.create(GROUP);
    groups.register(GROUP, TARGET);
    expect(groups.health(GROUP, TARGET).state).toBe('initial');
    groups.advance(20);
    expect(groups.health(GROUP, TARGET)).toEqual({ state: 'healthy' });
    groups.advance(60);
    expect(groups.health(GROUP, TARGET)).toEqual({ state: 'unhealthy', reason: 'Target.Timeout' });
    expect(changes).toBe(3);
  });

  it('drain a deregistered target for the scaled delay, whatever its script still holds', () => {
    const groups = createScriptedTargetGroups(() => undefined, { timeScale: 0.1 });
    groups.create(GROUP, 100_000);
    groups.register(GROUP, TARGET);
    groups.deregister(GROUP, TARGET);
    expect(groups.registered(GROUP)).toEqual([]);
    groups.advance(9999);
    expect(groups.health(GROUP, TARGET).state).toBe('draining');
    groups.advance(10_000);
    expect(groups.health(GROUP, TARGET)).toEqual({ state: 'unused', reason: 'Target.NotRegistered' });
  });

  it('know which groups there are and their unscaled delay', () => {
    const groups = createScriptedTargetGroups(() => undefined, { timeScale: 0.1 });
    groups.create(GROUP);
    expect([groups.exists(GROUP), groups.exists('other')]).toEqual([true, false]);
    expect(groups.deregistrationDelayMs(GROUP)).toBe(300_000);
  });
});
