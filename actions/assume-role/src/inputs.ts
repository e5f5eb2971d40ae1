import { type InputSpec, optionalText, WrongInput, wholeNumber } from '../../core/src/github/inputs.ts';
import { regionInput, roleInput } from '../../core/src/github/target-inputs.ts';

export const inputs = {
  'role-to-assume': required(roleInput()),
  region: required(regionInput()),
  'duration-seconds': wholeNumber(3600, 900, 43_200),
  'session-name': sessionNameInput(),
};

export const outputs = ['account-id', 'role-arn', 'expiration'] as const;

function required(spec: InputSpec<string | undefined>): InputSpec<string> {
  return { required: true, default: '', absent: '', parse: (given) => spec.parse(given) ?? '' };
}

function sessionNameInput(): InputSpec<string | undefined> {
  const parse = (given: string): string => {
    if (/^[\w+=,.@-]{2,64}$/.test(given)) return given;
    throw new WrongInput('2 to 64 letters, digits and _+=,.@-');
  };
  return { ...optionalText(), parse };
}
