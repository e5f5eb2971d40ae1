import {
  flag,
  type InputsOf,
  json,
  oneOf,
  optionalText,
  pairs,
  wholeNumber,
} from '../../core/src/github/inputs.ts';
import { jobToken } from '../../core/src/github/job-token.ts';
import { targetInputs } from '../../core/src/github/target-inputs.ts';

/** The inputs of `action.yml`, by name. */
export const inputs = {
  ...targetInputs,
  cluster: optionalText(),
  service: optionalText(),
  'task-definition': optionalText(),
  'task-definitions': json('a JSON object of service names to files or task definitions', isTextRecord),
  'on-running': oneOf('queue', 'refuse', 'stop'),
  'on-alarm': oneOf('ignore', 'refuse'),
  'force-new-deployment': flag(),
  'wait-until': oneOf('done', 'bake', 'serving'),
  'on-cancel': oneOf('rollback', 'leave', 'continue'),
  variables: pairs(),
  secrets: pairs(),
  'hold-autoscaling': oneOf('off', 'scale-in', 'dynamic', 'all'),
  'timeout-minutes': wholeNumber(30, 1, 1440),
  'allow-older': flag(),
  'github-token': jobToken(),
  'dry-run': flag(),
};

/** The outputs of `action.yml`. */
export const outputs = [
  'deployments',
  'service-deployment-arn',
  'task-definition-arn',
  'changed',
  'plan',
] as const;

export type DeployInputs = InputsOf<typeof inputs>;
export type DeployOutput = (typeof outputs)[number];

function isTextRecord(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}
