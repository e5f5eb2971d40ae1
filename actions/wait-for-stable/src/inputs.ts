import { HOPELESS_RULES, type HopelessRules, readHopelessRules } from '../../core/src/decide/hopeless.ts';
import { DEPLOYMENTS_SHAPE, isDeploymentItems } from '../../core/src/deployments-json.ts';
import { tryServiceOf } from '../../core/src/ecs/arn.ts';
import {
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
  'service-deployment-arn': serviceDeploymentArn(),
  'timeout-minutes': wholeNumber(30, 1, 1440),
  'wait-until': oneOf('done', 'bake', 'serving', 'paused'),
  'hopeless-after': hopelessAfter(),
  'on-failure': oneOf('rollback', 'leave'),
  'on-cancel': oneOf('rollback', 'leave', 'continue'),
  'log-lines': wholeNumber(12, 0, 100),
  'github-token': jobToken(),
};

/** The outputs of `action.yml`. */
export const outputs = ['verdict', 'verdicts'] as const;

export type WaitInputs = InputsOf<typeof inputs>;
export type WaitOutput = (typeof outputs)[number];

function hopelessAfter(): InputSpec<HopelessRules> {
  const parse = (given: string): HopelessRules => {
    const read = readHopelessRules(given);
    if ('rules' in read) return read.rules;
    throw new WrongInput(
      `"off", or rule=count pairs like same-exit=5, image-not-found=off; "${read.fault}" is none. Rules: ${Object.keys(HOPELESS_RULES).join(', ')}`,
    );
  };
  return { required: false, default: '', absent: HOPELESS_RULES, parse };
}

function serviceDeploymentArn(): InputSpec<string | undefined> {
  const parse = (given: string): string => {
    if (/:service-deployment\//.test(given) && tryServiceOf(given)) return given;
    throw new WrongInput(
      'the ARN of a service deployment, like arn:aws:ecs:us-east-1:123456789012:service-deployment/shop/email-api/NEUF1ZM0…',
    );
  };
  return { ...optionalText(), parse };
}
