import { flag, oneOf, optionalText } from '../../core/src/github/inputs.ts';
import { jobToken } from '../../core/src/github/job-token.ts';
import { terraformInputs } from '../../core/src/terraform/terraform-inputs.ts';

export const inputs = {
  ...terraformInputs,
  refresh: flag(),
  'report-to': oneOf('summary', 'pull-request', 'issue'),
  keep: flag(),
  reviewed: flag(),
  'checkov-version': optionalText(),
  token: jobToken(),
};

export const outputs = ['changes', 'digest', 'counts', 'cost'] as const;
