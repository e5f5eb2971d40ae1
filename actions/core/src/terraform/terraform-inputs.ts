import { basename } from 'node:path';
import { type InputSpec, optionalText, pairs, requiredText, text, WrongInput } from '../github/inputs.ts';
import { regionInput, roleInput } from '../github/target-inputs.ts';

/** The newest release whose digests are known here; see `terraform-program.ts`. */
const PINNED_TERRAFORM = '1.11.4';

/** The inputs that every action on a root module takes, under these names. */
export const terraformInputs = {
  environment: checked(requiredText(), /^[a-z][a-z0-9-]*$/, 'the name of an environment, like prod'),
  root: checked(requiredText(), /^(?!\/)(?!.*\.\.)[^-].*$/, 'the folder of a root module in the workspace'),
  'state-bucket': checked(requiredText(), /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of an S3 bucket'),
  'state-key': checked(optionalText(), /^[^/].*\.tfstate$/, 'a key that ends in .tfstate'),
  variables: pairs(),
  'terraform-version': checked(text(PINNED_TERRAFORM), /^\d+\.\d+\.\d+$/, 'a version, like 1.11.4'),
  'role-to-assume': roleInput(),
  region: { ...regionInput(), required: true },
};

/** The parsed `terraformInputs`. */
export interface TerraformInputs {
  readonly environment: string;
  readonly root: string;
  readonly 'state-bucket': string;
  readonly 'state-key': string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly 'terraform-version': string;
  readonly 'role-to-assume': string | undefined;
  readonly region: string | undefined;
}

/** Where a state is, and beside it the plans that are kept for an apply. */
export interface StatePlace {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
  /** Key of the plan with that digest (`sha256:…`). */
  planKey(digest: string): string;
}

/** `ENVIRONMENT/STACK.tfstate` where no key is given, as bootstrap's roles expect it. */
export function statePlaceOf(inputs: TerraformInputs): StatePlace {
  const stack = basename(inputs.root);
  return {
    bucket: inputs['state-bucket'],
    key: inputs['state-key'] ?? `${inputs.environment}/${stack}.tfstate`,
    region: inputs.region ?? '',
    planKey: (digest) => `${inputs.environment}/plans/${stack}/${digest.replace(/^sha256:/, '')}.tfplan`,
  };
}

function checked<T extends string | undefined>(
  spec: InputSpec<T>,
  form: RegExp,
  expected: string,
): InputSpec<T> {
  const parse = (given: string): T => {
    if (form.test(given)) return spec.parse(given);
    throw new WrongInput(expected);
  };
  return { ...spec, parse };
}
