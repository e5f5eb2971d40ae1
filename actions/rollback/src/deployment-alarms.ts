import {
  type DeploymentConfiguration,
  type ECSClient,
  UntagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { tagTaskDefinition as tagResource } from '../../core/src/ecs/task-definition.ts';
import { renderError } from '../../core/src/errors.ts';
import type { Log } from '../../core/src/log.ts';
import { ALARMS_OFF_TAG, readTagged } from './surroundings.ts';

interface Service {
  clusterArn: string;
  serviceArn: string;
  serviceName: string;
}

/**
 * The deployment configuration with the alarms off, for one deployment; `undefined` where they are off already,
 * or where it could not be written on the service first, so that whoever comes after a killed process knows it.
 */
export async function tryAlarmsOff(
  ecs: ECSClient,
  { clusterArn, serviceArn, serviceName }: Service,
  { log, now }: { log: Log; now: number },
): Promise<DeploymentConfiguration | undefined> {
  const { deploymentConfiguration } = (await readTagged(ecs, clusterArn, serviceName)) ?? {};
  const { alarms } = deploymentConfiguration ?? {};
  if (!alarms?.enable) return undefined;
  try {
    await tagResource(ecs, serviceArn, ALARMS_OFF_TAG, new Date(now).toISOString());
  } catch (error) {
    log.warning(`${serviceName}: the alarms stay on during the rollback: ${renderError(error)}`);
    return undefined;
  }
  return { ...deploymentConfiguration, alarms: { ...alarms, enable: false } };
}

/**
 * Puts the alarms on again that a rollback took off, by what is written on the service. Makes no deployment; safe
 * to repeat; never throws: the sentence about a failure is logged with the command that does it by hand.
 */
export async function restoreAlarms(
  ecs: ECSClient,
  { clusterArn, serviceArn, serviceName }: Service,
  log: Log,
): Promise<void> {
  try {
    const service = await readTagged(ecs, clusterArn, serviceName);
    const { deploymentConfiguration, tags = [] } = service ?? {};
    const { alarms } = deploymentConfiguration ?? {};
    if (!tags.some(({ key }) => key === ALARMS_OFF_TAG)) return;
    if (alarms && !alarms.enable) {
      const on = { ...deploymentConfiguration, alarms: { ...alarms, enable: true } };
      const update = { cluster: clusterArn, service: serviceName, deploymentConfiguration: on };
      await ecs.send(new UpdateServiceCommand(update));
    }
    await ecs.send(new UntagResourceCommand({ resourceArn: serviceArn, tagKeys: [ALARMS_OFF_TAG] }));
    log.info(`${serviceName}: its deployment alarms are on again`);
  } catch (error) {
    log.warning(
      `${serviceName}: its deployment alarms are still off: ${renderError(error)} Put them on again with aws ecs update-service --deployment-configuration, or run the rollback again.`,
    );
  }
}
