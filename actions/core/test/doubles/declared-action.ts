import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { InputSpecs } from '../../src/github/inputs.ts';

interface ActionYml {
  inputs: Record<string, { description: string; required: boolean; default?: string }>;
  outputs: Record<string, { description: string }>;
  runs: { using: string; main: string };
}

/** Reads an `action.yml`. */
export function readActionYml(url: URL): ActionYml {
  return parse(readFileSync(url, 'utf8')) as ActionYml;
}

/** Inputs as `action.yml` declares them, in the shape of `codeInputs`. */
export function declaredInputs({
  inputs,
}: ActionYml): Record<string, { required: boolean; default: string }> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [
      name,
      { required: input.required, default: input.default ?? '' },
    ]),
  );
}

/** Inputs as the code reads them: what `action.yml` must say of each. */
export function codeInputs(specs: InputSpecs): Record<string, { required: boolean; default: string }> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, { required: spec.required, default: spec.default }]),
  );
}

/** The descriptions that are no full sentence. */
export function incompleteSentences({ inputs, outputs }: ActionYml): string[] {
  const all = [...Object.entries(inputs), ...Object.entries(outputs)];
  return all.filter(([, { description }]) => !/^[A-Z`].{10,}\.$/s.test(description)).map(([name]) => name);
}
