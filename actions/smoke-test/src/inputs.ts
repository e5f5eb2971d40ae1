import { DEPLOYMENTS_SHAPE, isDeploymentItems } from '../../core/src/deployments-json.ts';
import { json, optionalText, pairs, text } from '../../core/src/github/inputs.ts';
import { regionInput, roleInput } from '../../core/src/github/target-inputs.ts';

export const inputs = {
  manifest: text('berth.yaml'),
  environment: optionalText(),
  deployments: json(DEPLOYMENTS_SHAPE, isDeploymentItems),
  file: optionalText(),
  variables: pairs(),
  secrets: pairs(),
  'role-to-assume': roleInput(),
  region: regionInput(),
};

export const outputs = ['verdict', 'results'] as const;

export type SmokeOutput = (typeof outputs)[number];
