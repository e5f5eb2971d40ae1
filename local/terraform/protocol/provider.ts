import type { AttributePath, Diagnostic } from './diagnostic.ts';
import type { Value } from './value.ts';

/** What a resource block asks for. Each is `null` where there is none: `prior` at creation, `planned` at deletion. */
export type PlanRequest = { prior: Value; proposed: Value; config: Value };
export type ApplyRequest = { prior: Value; planned: Value; config: Value };

/** The new value with unknowns in it, and what makes the resource be replaced rather than changed. */
export type PlannedChange = { planned: Value; replaces: readonly AttributePath[] };

/** The new state, `null` after a deletion, and what is to be said of it. */
export type AppliedChange = { state: Value; warnings: readonly Diagnostic[] };

/**
 * What Terraform asks of a provider with one configuration. All calls but the two that validate may throw
 * `ProviderError`.
 */
export type Provider = {
  configure(config: Value): Promise<void>;
  validateResource(typeName: string, config: Value): Diagnostic[];
  validateData(typeName: string, config: Value): Diagnostic[];
  plan(typeName: string, request: PlanRequest): Promise<PlannedChange>;
  apply(typeName: string, request: ApplyRequest): Promise<AppliedChange>;
  /** Gives `null` when the thing is gone. */
  read(typeName: string, state: Value): Promise<Value>;
  import(typeName: string, id: string): Promise<Value>;
  readData(typeName: string, config: Value): Promise<Value>;
  openEphemeral(typeName: string, config: Value): Promise<Value>;
};
