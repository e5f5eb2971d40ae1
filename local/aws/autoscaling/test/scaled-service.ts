import {
  type ApplicationAutoScalingClient,
  DescribeScalingActivitiesCommand,
  RegisterScalableTargetCommand,
  type RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { createVirtualEcs, type VirtualEcs, type VirtualEcsOptions } from '../../ecs/virtual-ecs.ts';

/** The names of the service `web` in the cluster `shop` as a scalable target. */
export const WEB = {
  ServiceNamespace: 'ecs',
  ResourceId: 'service/shop/web',
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;

export type ScaledService = VirtualEcs & {
  scaling: ApplicationAutoScalingClient;
  register(input?: Partial<RegisterScalableTargetCommandInput>): Promise<string>;
  /** Lets so many seconds pass. */
  pass(seconds: number): Promise<void>;
  counts(): Promise<{ desired: number | undefined; running: number | undefined }>;
  /** `cause → description, status` of each activity, newest first. */
  activities(): Promise<string[]>;
  update(change: { desiredCount?: number; forceNewDeployment?: boolean }): Promise<void>;
};

/** A service `web` of so many tasks in virtual time, steady, with what scales it. */
export async function createScaledService(
  desiredCount = 2,
  options: VirtualEcsOptions = {},
): Promise<ScaledService> {
  const virtual = createVirtualEcs(options);
  const { client, scalingClient: scaling, clock } = virtual;
  const web = { cluster: 'shop', service: 'web' };
  await client.send(new CreateClusterCommand({ clusterName: 'shop' }));
  const containerDefinitions = [{ name: 'web', image: 'web:1', essential: true, memory: 128 }];
  await client.send(new RegisterTaskDefinitionCommand({ family: 'web', containerDefinitions }));
  await client.send(
    new CreateServiceCommand({ cluster: 'shop', serviceName: 'web', taskDefinition: 'web', desiredCount }),
  );
  await clock.sleep(300_000);
  return {
    ...virtual,
    scaling,
    async register(input = {}) {
      const bounds = { MinCapacity: 1, MaxCapacity: 10 };
      const answer = await scaling.send(new RegisterScalableTargetCommand({ ...WEB, ...bounds, ...input }));
      return answer.ScalableTargetARN ?? '';
    },
    pass: (seconds) => clock.sleep(seconds * 1000),
    async counts() {
      const answer = await client.send(new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }));
      const [service] = answer.services ?? [];
      return { desired: service?.desiredCount, running: service?.runningCount };
    },
    async activities() {
      const command = new DescribeScalingActivitiesCommand({ ServiceNamespace: 'ecs' });
      const { ScalingActivities = [] } = await scaling.send(command);
      return ScalingActivities.map(
        ({ Cause, Description, StatusCode }) => `${Cause} → ${Description} ${StatusCode}`,
      );
    },
    async update(change) {
      await client.send(new UpdateServiceCommand({ ...web, ...change }));
    },
  };
}
