import {
  ROLLBACK_TARGETS,
  type RollbackTarget,
  tryRollbackTarget,
} from '../../core/src/decide/rollback-target.ts';
import { DEPLOYMENTS_SHAPE, isDeploymentItems } from '../../core/src/deployments-json.ts';
import {
  flag,
  type InputSpec,
  type InputsOf,
  json,
  oneOf,
  optionalText,
  WrongInput,
  wholeNumber,
} from '../../core/src/github/inputs.ts';
import { jobToken } from '../../core/src/github/job-token.ts';
import { targetInputs } from '../../core/src/github/target-inputs.ts';

/** The inputs of `action.yml`, by name. */
export const inputs = {
  ...targetInputs,
  deployments: json(DEPLOYMENTS_SHAPE, isDeploymentItems),
  cluster: optionalText(),
  service: optionalText(),
  to: rollbackTarget(),
  scope: oneOf('task', 'service'),
  'schema-version': optionalText(),
  'accept-schema-risk': flag(),
  'mark-known-bad': optionalText(),
  'timeout-minutes': wholeNumber(30, 1, 1440),
  'dry-run': flag(),
  'github-token': jobToken(),
};

/** The outputs of `action.yml`. */
export const outputs = ['verdict', 'verdicts', 'deployments', 'plan'] as const;

export type RollbackInputs = InputsOf<typeof inputs>;
export type RollbackOutput = (typeof outputs)[number];

function rollbackTarget(): InputSpec<RollbackTarget> {
  const parse = (given: string): RollbackTarget => {
    const target = tryRollbackTarget(given);
    if (target) return target;
    throw new WrongInput(ROLLBACK_TARGETS);
  };
  return { required: false, default: 'previous', absent: { kind: 'previous' }, parse };
}
