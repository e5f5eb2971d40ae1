import type { ActionDeps } from '../../core/src/github/action-run.ts';
import { readInputs } from '../../core/src/github/inputs.ts';
import type { DeployInputs } from './inputs.ts';
import type { Prove } from './waves.ts';

/**
 * Smoke-tests what a wave has deployed before those that need it begin, each service once. It is the one place where
 * an action uses another: a wave must not be built on one that answers wrongly, and no step of a job comes between.
 */
export function waveTestOf(given: DeployInputs, deps: ActionDeps): Prove {
  const tested = new Set<string>();
  return async (items) => {
    const untested = items.filter(
      ({ service, smoke, serviceDeploymentArn }) =>
        smoke !== undefined && serviceDeploymentArn !== null && !tested.has(service),
    );
    if (untested.length === 0) return undefined;
    for (const { service } of untested) tested.add(service);
    const [{ inputs }, { run }] = await Promise.all([
      import('../../smoke-test/src/inputs.ts'),
      import('../../smoke-test/src/run.ts'),
    ]);
    const { manifest, environment, region, variables, secrets } = given;
    const asked = { manifest, environment, region, variables, secrets, deployments: untested };
    const { failure } = await run({ ...readInputs(inputs, () => ''), ...asked }, deps);
    return failure;
  };
}
