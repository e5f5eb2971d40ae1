import {
  DescribeServicesCommand,
  type ECSClient,
  ListServicesCommand,
  type Service,
} from '@aws-sdk/client-ecs';
import { readScalableTargets, resourceIdOf } from '../../core/src/autoscaling/scalable-target.ts';
import type { AutoscalingClient, CloudwatchClient, Elbv2Client } from '../../core/src/aws-clients.ts';
import { readAlarms } from '../../core/src/cloudwatch/alarm-states.ts';
import { watchingAlarms } from '../../core/src/decide/alarm-reading.ts';
import type { ServiceReading } from '../../core/src/decide/deployment-reading.ts';
import type { SurroundingsReading } from '../../core/src/decide/surroundings.ts';
import { familyOf, lastPartOf } from '../../core/src/ecs/arn.ts';
import { readInBatches } from '../../core/src/ecs/batches.ts';
import { SERVICES_A_CALL } from '../../core/src/ecs/service.ts';
import { renderError } from '../../core/src/errors.ts';

/** Clients of what stands around a service. */
export interface SurroundingsClients {
  ecs: ECSClient;
  elb: Elbv2Client;
  cloudwatch: CloudwatchClient;
  autoscaling: AutoscalingClient;
}

/** The tag of a service whose alarms a rollback has taken off; its value is when. */
export const ALARMS_OFF_TAG = 'berth-alarms-off';

const HOUR_MS = 3_600_000;
/** One page: a cluster may have thousands, and a sibling only warns. */
const SIBLINGS_LOOKED_AT = 100;
const NO_PLACE = /unable to place a task|unable to consistently start tasks|unable to stop or start tasks/;

/** Reads what stands around one service, side by side; what cannot be read is listed. Three to fifteen calls. */
export async function readSurroundings(
  before: ServiceReading,
  clients: SurroundingsClients,
  now: number,
): Promise<SurroundingsReading> {
  const unread: SurroundingsReading['unread'][number][] = [];
  const tryRead = <T>(what: string, read: Promise<T>): Promise<T | undefined> =>
    read.catch((error: unknown) => {
      unread.push({ what, why: renderError(error) });
      return undefined;
    });
  const [watchers, autoscaling, siblings, drainSeconds] = await Promise.all([
    tryRead('alarms', readWatchers(before, clients)),
    tryRead('autoscaling', readAutoscaling(before, clients)),
    tryRead('other services', readSiblings(before, clients)),
    tryRead('draining', readDrainSeconds(before.targetGroupArns ?? [], clients)),
  ]);
  const placement = before.events.find(
    ({ createdAt, message }) => now - createdAt < HOUR_MS && NO_PLACE.test(message),
  )?.message;
  return {
    alarms: watchers?.alarms ?? [],
    restoreAlarms: watchers?.wasLeftOff ?? false,
    ...(autoscaling ? { autoscaling } : {}),
    runningCount: before.runningCount,
    siblings: siblings ?? [],
    family: familyOf(before.taskDefinitionArn),
    ...(placement ? { placement } : {}),
    ...(drainSeconds ? { drainSeconds } : {}),
    unread,
  };
}

async function readWatchers({ clusterArn, serviceName }: ServiceReading, clients: SurroundingsClients) {
  const service = await readTagged(clients.ecs, clusterArn, serviceName);
  const alarms = await readAlarms(clients.cloudwatch, watchingAlarms(service?.deploymentConfiguration));
  const isOn = service?.deploymentConfiguration?.alarms?.enable === true;
  const wasLeftOff = !isOn && (service?.tags ?? []).some(({ key }) => key === ALARMS_OFF_TAG);
  return { alarms, wasLeftOff };
}

/** One service with its tags and its whole deployment configuration. One call. */
export async function readTagged(
  ecs: ECSClient,
  cluster: string,
  serviceName: string,
): Promise<Service | undefined> {
  const request = { cluster, services: [serviceName], include: ['TAGS' as const] };
  return (await ecs.send(new DescribeServicesCommand(request))).services?.[0];
}

async function readAutoscaling({ clusterArn, serviceName }: ServiceReading, clients: SurroundingsClients) {
  const resourceId = resourceIdOf(clusterArn, serviceName);
  const [target] = await readScalableTargets(clients.autoscaling, [resourceId]);
  if (!target) return undefined;
  const { client, DescribeScalableTargetsCommand } = await clients.autoscaling();
  const request = { ServiceNamespace: 'ecs', ResourceIds: [resourceId] } as const;
  const { ScalableTargets = [] } = await client.send(
    new DescribeScalableTargetsCommand({ ...request, ResourceIds: [...request.ResourceIds] }),
  );
  const suspended = Object.entries(target.suspended).flatMap(([scaling, is]) => (is ? [scaling] : []));
  return { minCapacity: ScalableTargets[0]?.MinCapacity ?? 0, suspended, held: target.left !== undefined };
}

async function readSiblings(
  { clusterArn, serviceName, taskDefinitionArn }: ServiceReading,
  { ecs }: SurroundingsClients,
): Promise<string[]> {
  const listing = new ListServicesCommand({ cluster: clusterArn, maxResults: SIBLINGS_LOOKED_AT });
  const arns = (await ecs.send(listing)).serviceArns ?? [];
  const others = arns.map(lastPartOf).filter((name) => name !== serviceName);
  const services = await readInBatches(others, SERVICES_A_CALL, async (batch) => {
    const answer = await ecs.send(new DescribeServicesCommand({ cluster: clusterArn, services: batch }));
    return answer.services ?? [];
  });
  const family = familyOf(taskDefinitionArn);
  return services.flatMap(({ serviceName: name, taskDefinition = '' }) =>
    name && familyOf(taskDefinition) === family ? [name] : [],
  );
}

async function readDrainSeconds(arns: readonly string[], { elb }: SurroundingsClients): Promise<number> {
  if (arns.length === 0) return 0;
  const { client, DescribeTargetGroupAttributesCommand } = await elb();
  const delays = await Promise.all(
    arns.map(async (TargetGroupArn) => {
      const { Attributes = [] } = await client.send(
        new DescribeTargetGroupAttributesCommand({ TargetGroupArn }),
      );
      const delay = Attributes.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds');
      return Number(delay?.Value ?? 0);
    }),
  );
  return Math.max(...delays);
}
