import { type InputSpec, optionalText } from './inputs.ts';

/** The job's token; its default is an expression the runner evaluates. Elsewhere it stays, and there is none. */
export function jobToken(): InputSpec<string | undefined> {
  const expression = '${{ github.token }}';
  return {
    ...optionalText(),
    default: expression,
    parse: (given) => (given === expression ? undefined : given),
  };
}
