import { ContinueServiceDeploymentCommand, type ECSClient } from '@aws-sdk/client-ecs';
import { tryAwsFailure } from '../errors.ts';
import { AmbiguousWrite, sendOnce } from './send-once.ts';
import { readServiceDeployments, stopServiceDeployment } from './service-deployment.ts';

/**
 * Turns a deployment under way back by the gentlest means: where it is paused by a hook, by answering that hook
 * with ROLLBACK; else, or when that answer was lost or refused, by StopServiceDeployment, which is safe to
 * repeat. Never answers CONTINUE. Two calls when all goes well. `ended`: nothing was left to turn back.
 */
export async function turnBack(ecs: ECSClient, serviceDeploymentArn: string): Promise<'asked' | 'ended'> {
  const reading = (await readServiceDeployments(ecs, [serviceDeploymentArn])).get(serviceDeploymentArn);
  const hook = reading?.hooks.find(
    ({ status, targetType }) => status === 'AWAITING_ACTION' && targetType === 'PAUSE',
  );
  if (!hook) return stopServiceDeployment(ecs, serviceDeploymentArn);
  const { hookId } = hook;
  try {
    await sendOnce(
      new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action: 'ROLLBACK' }),
      (command) => ecs.send(command),
    );
    return 'asked';
  } catch (error) {
    if (!(error instanceof AmbiguousWrite) && !tryAwsFailure(error)) throw error;
    return stopServiceDeployment(ecs, serviceDeploymentArn);
  }
}
