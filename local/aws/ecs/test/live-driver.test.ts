import { describe, expect, it } from '@jest/globals';
import { startLiveDriver } from '../live-driver.ts';

/** An ECS with given due times, and a machine with one timer that the test fires. */
function makeMachine(dueTimes: number[]) {
  const advanced: number[] = [];
  const bugs: unknown[] = [];
  const machine = { now: 0, waitMs: undefined as number | undefined, fire: () => {}, throwing: false };
  let listener = () => {};
  const ecs = {
    advance(now: number) {
      if (machine.throwing) throw new Error('broken');
      advanced.push(now);
      while (dueTimes[0] !== undefined && dueTimes[0] <= now) dueTimes.shift();
      listener();
    },
    nextDueAt: () => dueTimes[0],
    onChange(next: () => void) {
      listener = next;
    },
  };
  const timers = {
    setTimeout(callback: () => void, ms: number) {
      machine.waitMs = ms;
      machine.fire = () => {
        machine.now += ms;
        machine.waitMs = undefined;
        callback();
      };
    },
    clearTimeout() {
      machine.waitMs = undefined;
    },
  };
  const driver = startLiveDriver(ecs, { now: () => machine.now }, timers, (error) => bugs.push(error));
  return { machine, advanced, bugs, driver, notify: () => listener() };
}

describe('the live driver', () => {
  it('wakes the engine when it is due, and sets no timer when nothing is', () => {
    const { machine, advanced } = makeMachine([500, 700]);
    machine.fire();
    expect(advanced).toEqual([500]);
    expect(machine.waitMs).toBe(200);
    machine.fire();
    expect(advanced).toEqual([500, 700]);
    expect(machine.waitMs).toBeUndefined();
  });

  it('comes to a far moment in steps of a minute', () => {
    const { machine, advanced } = makeMachine([90_000]);
    machine.fire();
    expect(machine.waitMs).toBe(30_000);
    machine.fire();
    expect(advanced).toEqual([60_000, 90_000]);
  });

  it('sets its timer anew when something earlier becomes due', () => {
    const dueTimes = [5000];
    const { machine, notify } = makeMachine(dueTimes);
    dueTimes.unshift(100);
    notify();
    expect(machine.waitMs).toBe(100);
  });

  it('reports what an advance throws and tries again after a second', () => {
    const { machine, bugs } = makeMachine([10]);
    machine.throwing = true;
    machine.fire();
    expect(bugs).toEqual([new Error('broken')]);
    expect(machine.waitMs).toBe(1000);
  });

  it('sets no timer once it is stopped', () => {
    const { machine, driver, notify } = makeMachine([10]);
    driver.stop();
    notify();
    expect(machine.waitMs).toBeUndefined();
  });
});
