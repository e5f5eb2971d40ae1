import { describe, expect, it } from '@jest/globals';
import { scriptByImage } from '../runtime/scripted-runtime.ts';
import { isStable, startRollout, TARGET_GROUP } from './rollout.ts';

const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };

describe('a rolling update', () => {
  it('creates a service, replaces its tasks and ends SUCCESSFUL', async () => {
    const web = await startRollout();
    await web.register('web:1');
    await web.create();
    await web.until((service) => service.deployments?.[0]?.rolloutState === 'COMPLETED');
    await web.register('web:2');
    await web.update({ taskDefinition: 'web:2' });
    await web.until((service) => service.deployments?.[0]?.rolloutState === 'COMPLETED');
    const service = await web.service();
    expect(isStable(service)).toBe(true);
    expect((await web.deployments()).map(({ status }) => status)).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
  });

  it('trips the circuit breaker and rolls back', async () => {
    const web = await startRollout({
      script: scriptByImage({ 'web:2': { exits: { afterMs: 100, code: 3 } } }),
    });
    await web.register('web:1');
    await web.create({
      deploymentConfiguration: BREAKER,
      loadBalancers: [{ targetGroupArn: TARGET_GROUP, containerName: 'web', containerPort: 8000 }],
    });
    await web.until((service) => service.deployments?.[0]?.rolloutState === 'COMPLETED');
    await web.register('web:2');
    await web.update({ taskDefinition: 'web:2' });
    await web.until((service) => service.deployments?.[0]?.rolloutState === 'COMPLETED');
    const deployment = await web.newest();
    expect(deployment.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(deployment.deploymentCircuitBreaker).toEqual({
      status: 'TRIGGERED',
      failureCount: 4,
      threshold: 3,
    });
    expect(deployment.rollback?.serviceRevisionArn).toBe(deployment.sourceServiceRevisions?.[0]?.arn);
  });
});
