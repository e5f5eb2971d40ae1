import type { Service } from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import type { Behaviour } from '../runtime/scripted-runtime.ts';
import { messages, type Rollout, startRollout } from './rollout.ts';

const isCompleted = (service: Service) => service.deployments?.[0]?.rolloutState === 'COMPLETED';
const MISSING: Behaviour = { failsToStart: 'CannotPullContainerError: not found' };

/** A service on `web:1` that is told to go to `web:2`, whose n-th task, counted from 0, does what `nth` says. */
async function rolloutOf(desiredCount: number, nth: (n: number) => Behaviour): Promise<Rollout> {
  let launches = 0;
  const web = await startRollout({
    script: ({ taskDefinition }) =>
      taskDefinition.containerDefinitions?.[0]?.image === 'web:2' ? nth(launches++) : {},
  });
  await web.register('web:1');
  await web.create({ desiredCount });
  await web.until(isCompleted);
  await web.register('web:2');
  await web.update({ taskDefinition: 'web:2' });
  return web;
}

describe('failed tasks of a deployment', () => {
  it('are counted one after the other, and are none while a task runs', async () => {
    const web = await rolloutOf(1, (n) => (n < 3 ? MISSING : {}));
    const seen: number[] = [];
    await web.until((service) => {
      const { failedTasks = -1 } = service.deployments?.[0] ?? {};
      if (seen.at(-1) !== failedTasks) seen.push(failedTasks);
      return isCompleted(service);
    });
    expect(seen).toEqual([0, 1, 2, 3, 0]);
  });

  it('hold back the next launches also while another task of the deployment runs', async () => {
    const web = await rolloutOf(2, (n) => (n === 0 ? {} : MISSING));
    await web.clock.sleep(10 * 60_000);
    const launched = messages(await web.service()).filter((text) => text.includes('has started 1 tasks'));
    // One that starts again every three seconds would have come to about two hundred.
    expect(launched.length).toBeGreaterThan(3);
    expect(launched.length).toBeLessThan(12);
    const service = await web.service();
    expect(service.deployments?.[0]).toMatchObject({ runningCount: 1, failedTasks: 0 });
    expect(messages(service).some((text) => text.includes('unable to consistently start'))).toBe(true);
  });
});
