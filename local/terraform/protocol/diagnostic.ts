/** Where in a block something is wrong: names of arguments and blocks, positions in lists. */
export type AttributePath = readonly (string | number)[];

/** A message that Terraform shows with file and line of `path`, or of the whole block when it is empty. */
export type Diagnostic = { summary: string; detail: string; path: AttributePath; isWarning?: boolean };

/** Ends a call to the provider with one message. */
export class ProviderError extends Error {
  readonly diagnostic: Diagnostic;

  constructor(summary: string, detail: string, path: AttributePath = []) {
    super(`${summary}: ${detail}`);
    this.diagnostic = { summary, detail, path };
  }
}

const [ERROR, WARNING] = [1, 2];

/** Gives the wire form of messages. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]) {
  return diagnostics.map(({ summary, detail, path, isWarning }) => ({
    severity: isWarning ? WARNING : ERROR,
    summary,
    detail,
    ...(path.length > 0 && { attribute: renderPath(path) }),
  }));
}

/** Gives the wire form of a path. */
export function renderPath(path: AttributePath) {
  return {
    steps: path.map((step) =>
      typeof step === 'number' ? { element_key_int: step } : { attribute_name: step },
    ),
  };
}
