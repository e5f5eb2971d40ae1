import type { ObjectValue } from '../protocol/value.ts';
import type { Block } from '../schema/provider-schema.ts';
import type { ProviderSettings } from './provider-settings.ts';

/** What a back end is told beside values: the type, its schema, and the provider block's settings. */
export type Context = { typeName: string; block: Block; settings: ProviderSettings };

/**
 * What stands behind the provider. `planned` has unknown values where the provider decides; a state that is given
 * back has none. Every call may throw `ProviderError`.
 */
export type Backend = {
  create(context: Context, planned: ObjectValue): Promise<ObjectValue>;
  /** Gives what is there now, or `null` when it is gone. */
  read(context: Context, state: ObjectValue): Promise<ObjectValue | null>;
  update(context: Context, prior: ObjectValue, planned: ObjectValue): Promise<ObjectValue>;
  delete(context: Context, state: ObjectValue): Promise<void>;
  /** Gives a state that `read` can complete; `state` is empty but for `id`. */
  import(context: Context, state: ObjectValue): Promise<ObjectValue>;
  readData(context: Context, config: ObjectValue): Promise<ObjectValue>;
  /** Why nothing is made of a type although it is applied; `undefined` for what is made. */
  stateOnly?(typeName: string): string | undefined;
};
