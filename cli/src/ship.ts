import type { ServiceDeploymentItem } from '../../actions/core/src/deployments-json.ts';
import { renderError } from '../../actions/core/src/errors.ts';
import type { Action, ActionDeps, ActionResult } from '../../actions/core/src/github/action-run.ts';
import { type InputSpecs, type InputsOf, oneOf, readInputs } from '../../actions/core/src/github/inputs.ts';
import { inputs as deployInputs } from '../../actions/deploy-service/src/inputs.ts';
import { deploy } from '../../actions/deploy-service/src/run.ts';
import { inputs as rollbackInputs } from '../../actions/rollback/src/inputs.ts';
import { rollback } from '../../actions/rollback/src/run.ts';
import { inputs as smokeInputs } from '../../actions/smoke-test/src/inputs.ts';
import { smokeTest } from '../../actions/smoke-test/src/run.ts';
import { inputs as waitInputs } from '../../actions/wait-for-stable/src/inputs.ts';
import { waitForStable } from '../../actions/wait-for-stable/src/run.ts';

const inputs = {
  ...deployInputs,
  'hopeless-after': waitInputs['hopeless-after'],
  'on-failure': waitInputs['on-failure'],
  'log-lines': waitInputs['log-lines'],
  'on-red': oneOf('rollback', 'leave'),
};

const outputs = ['deployments', 'plan', 'verdicts', 'smoke', 'rollback'] as const;

type ShipInputs = InputsOf<typeof inputs>;
type ShipOutput = (typeof outputs)[number];

/**
 * The whole path of deployments in one process: wave by wave each is deployed, followed to its verdict and
 * smoke-tested before those that need it begin; at the first red one all of this run go back, in reverse order.
 */
export const ship: Action<typeof inputs, ShipOutput> = { inputs, outputs, run };

async function run(given: ShipInputs, deps: ActionDeps): Promise<ActionResult<ShipOutput>> {
  const verdicts: unknown[] = [];
  const smoke: unknown[] = [];
  const deployed = await deploy(given, deps, async (items) => {
    const waited = await waitForStable.run(
      { ...defaultsOf(waitInputs), ...waitOf(given), deployments: [...items] },
      deps,
    );
    verdicts.push(...listOf(waited.outputs.verdicts));
    if (waited.failure !== undefined) return waited.failure;
    const tested = await smokeTest.run(
      { ...defaultsOf(smokeInputs), ...smokeOf(given), deployments: [...items] },
      deps,
    );
    smoke.push(...listOf(tested.outputs.results));
    return tested.failure;
  });
  const { deployments, plan } = deployed.outputs;
  const result = { deployments, plan, verdicts, smoke };
  if (deployed.failure === undefined) return { outputs: { ...result, rollback: [] } };
  const items = listOf(deployments) as ServiceDeploymentItem[];
  const back = await carryBack(given, items, deps);
  const failure = [deployed.failure, back.said].filter(Boolean).join('\n');
  return { outputs: { ...result, rollback: back.verdicts }, failure };
}

/** A rollback that fails as well is told beside what it was to mend. */
async function carryBack(
  given: ShipInputs,
  deployments: ServiceDeploymentItem[],
  deps: ActionDeps,
): Promise<{ verdicts: unknown[]; said: string }> {
  if (given['on-red'] === 'leave' || deployments.length === 0 || deps.signal.aborted)
    return { verdicts: [], said: '' };
  try {
    const wanted = { ...defaultsOf(rollbackInputs), ...whereOf(given), deployments };
    const { outputs: found, failure } = await rollback.run(wanted, deps);
    const verdicts = listOf(found.verdicts);
    return { verdicts, said: failure ?? 'All services of this run were carried back.' };
  } catch (error) {
    return { verdicts: [], said: `The rollback failed: ${renderError(error)}` };
  }
}

function whereOf(given: ShipInputs) {
  const { manifest, environment, region, 'role-to-assume': role, 'timeout-minutes': minutes } = given;
  return { manifest, environment, region, 'role-to-assume': role, 'timeout-minutes': minutes };
}

function waitOf(given: ShipInputs) {
  return {
    ...whereOf(given),
    'wait-until': given['wait-until'],
    'on-cancel': given['on-cancel'],
    'on-failure': given['on-failure'],
    'hopeless-after': given['hopeless-after'],
    'log-lines': given['log-lines'],
    'github-token': given['github-token'],
  };
}

function smokeOf({ manifest, environment, region, variables, secrets }: ShipInputs) {
  return { manifest, environment, region, variables, secrets };
}

/** What an action does when none of its inputs is given. */
function defaultsOf<S extends InputSpecs>(specs: S): InputsOf<S> {
  return readInputs(specs, () => '');
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
