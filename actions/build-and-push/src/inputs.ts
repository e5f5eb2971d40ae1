import { type InputSpec, optionalText, pairs, text, WrongInput } from '../../core/src/github/inputs.ts';
import { regionInput, roleInput } from '../../core/src/github/target-inputs.ts';

export const inputs = {
  manifest: text('berth.yaml'),
  environment: optionalText(),
  service: optionalText(),
  repository: repositoryInput(),
  context: text('.'),
  dockerfile: optionalText(),
  tag: tagInput(),
  'build-args': pairs(),
  parameter: parameterInput(),
  'role-to-assume': roleInput(),
  region: regionInput(),
};

export const outputs = ['image', 'digest', 'tag', 'pushed'] as const;

function repositoryInput(): InputSpec<string | undefined> {
  return matching(/^[a-z0-9]+([._/-][a-z0-9]+)*$/, 'the name of an ECR repository, like shop/email-api');
}

function tagInput(): InputSpec<string | undefined> {
  return matching(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/,
    'letters, digits and _.-, at most 128, like src-0a1b2c3d4e5f6071',
  );
}

function parameterInput(): InputSpec<string | undefined> {
  return matching(/^(\/[A-Za-z0-9_.-]+)+$/, 'the full name of an SSM parameter, like /prod/email-api/image');
}

function matching(form: RegExp, expected: string): InputSpec<string | undefined> {
  const parse = (given: string): string => {
    if (form.test(given)) return given;
    throw new WrongInput(expected);
  };
  return { ...optionalText(), parse };
}
