import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  ListServiceDeploymentsCommand,
  type Service,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import { behaves } from '../runtime/scenario.ts';
import { createScriptedRuntime, scriptByImage } from '../runtime/scripted-runtime.ts';
import { createSeededRandom, createVirtualClock, createVirtualEcs, type VirtualEcs } from '../virtual-ecs.ts';
import { type Rollout, startRollout, TARGET_GROUP } from './rollout.ts';

const BALANCED = [{ targetGroupArn: TARGET_GROUP, containerName: 'web', containerPort: 8000 }];
const script = scriptByImage({ 'web:2': behaves('pulls in 20 s, becomes healthy after 30 s') });
const isCompleted = (service: Service) => service.deployments?.[0]?.rolloutState === 'COMPLETED';

async function halfWay(afterMs: number): Promise<Rollout> {
  const web = await startRollout({ script });
  await web.register('web:1');
  await web.create({ loadBalancers: BALANCED });
  await web.until(isCompleted);
  await web.register('web:2');
  await web.update({ taskDefinition: 'web:2' });
  await web.clock.sleep(afterMs);
  await web.service();
  return web;
}

/** Another ECS that goes on where the saved one stands. */
function load(saved: string, startsAt: number): VirtualEcs {
  const next = createVirtualEcs({
    script,
    clock: createVirtualClock(startsAt),
    random: createSeededRandom(2),
  });
  next.targetGroups.create(TARGET_GROUP);
  next.ecs.load(saved);
  return next;
}

async function describeAll({ client }: VirtualEcs) {
  const services = await client.send(new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }));
  const listed = await client.send(new ListServiceDeploymentsCommand({ cluster: 'shop', service: 'web' }));
  const serviceDeploymentArns = (listed.serviceDeployments ?? []).flatMap(
    (one) => one.serviceDeploymentArn ?? [],
  );
  const deployments = await client.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }));
  return { services: services.services, deployments: deployments.serviceDeployments };
}

describe('a saved ECS', () => {
  it.each([0, 10_000, 25_000, 45_000, 60_000])(
    'goes on where it stood %i ms into a rollout, to the same end at the same time',
    async (afterMs) => {
      const web = await halfWay(afterMs);
      const next = load(web.ecs.save(), web.clock.now());
      expect(await describeAll(next)).toEqual(await describeAll(web));
      const finished = async (one: VirtualEcs) => {
        for (let call = 0; call < 2000; call++, await one.clock.sleep(500)) {
          const { deployments, services } = await describeAll(one);
          const [newest] = deployments ?? [];
          if (newest?.finishedAt !== undefined)
            return { newest, taskDefinition: services?.[0]?.taskDefinition };
        }
        throw new Error('It does not end.');
      };
      const ends = [await finished(web), await finished(next)];
      expect(ends[1]).toEqual(ends[0]);
      expect(ends[1]?.newest.status).toBe('SUCCESSFUL');
    },
  );

  it('goes on alike from the same seed and runtime, and with other ids from another seed', async () => {
    const idOf = async (seed: number) => {
      const clock = createVirtualClock();
      const web = await startRollout({ clock, seed, runtime: createScriptedRuntime(script, clock.now()) });
      await web.register('web:2');
      await web.create();
      return (await web.service()).deployments?.[0]?.id;
    };
    expect(await idOf(7)).toBe(await idOf(7));
    expect(await idOf(7)).not.toBe(await idOf(8));
  });

  it('is refused where there are clusters, by a clock that stands before it, and when it is none', async () => {
    const web = await halfWay(1000);
    const saved = web.ecs.save();
    expect(() => web.ecs.load(saved)).toThrow('has no clusters yet');
    expect(() => load(saved, 0)).toThrow('the clock stands before that');
    expect(() => load('{"format":"other"}', web.clock.now())).toThrow('local-ecs/1');
  });
});
