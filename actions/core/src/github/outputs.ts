import { setOutput } from '@actions/core';

/** An action's outputs: every declared name once; objects and lists become JSON, `undefined` an empty text. */
export type Outputs<Name extends string> = Readonly<Record<Name, unknown>>;

/** Writes the outputs for later steps. */
export function writeOutputs<Name extends string>(names: readonly Name[], outputs: Outputs<Name>): void {
  for (const name of names) setOutput(name, renderOutput(outputs[name]));
}

/** A value as an output's text: text as it is, everything else as JSON on one line. */
export function renderOutput(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
