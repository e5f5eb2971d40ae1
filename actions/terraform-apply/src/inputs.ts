import { type InputSpec, requiredText, WrongInput } from '../../core/src/github/inputs.ts';
import { terraformInputs } from '../../core/src/terraform/terraform-inputs.ts';

export const inputs = { ...terraformInputs, digest: digestInput() };

export const outputs = ['result'] as const;

function digestInput(): InputSpec<string> {
  const parse = (given: string): string => {
    if (/^sha256:[0-9a-f]{64}$/.test(given)) return given;
    throw new WrongInput('the output "digest" of terraform-plan, sha256: and 64 hex digits');
  };
  return { ...requiredText(), parse };
}
