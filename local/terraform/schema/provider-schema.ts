/** A type of Terraform's value system in its JSON form: `"string"`, `["list", "string"]`, `["object", {…}]`. */
export type CtyType =
  | 'string'
  | 'number'
  | 'bool'
  | readonly ['list' | 'set' | 'map', CtyType]
  | readonly ['object', Readonly<Record<string, CtyType>>];

/** An argument or a result of a block. `computed` alone is decided by the provider, with `optional` by either. */
export type Attribute = {
  type: CtyType;
  required?: true;
  optional?: true;
  computed?: true;
  sensitive?: true;
  /** Given to the provider, never written to state (Terraform 1.11 and newer). */
  write_only?: true;
};

export type NestingMode = 'single' | 'list' | 'set' | 'map';

export type NestedBlock = { nesting_mode: NestingMode; block: Block; min_items?: number; max_items?: number };

export type Block = {
  attributes: Readonly<Record<string, Attribute>>;
  block_types: Readonly<Record<string, NestedBlock>>;
};

/** The part of `terraform providers schema -json` that a provider answers with. Keys are type names. */
export type ProviderSchema = {
  /** Of the provider the types were taken from, `6.66.0`. */
  version: string;
  provider: Block;
  resources: Readonly<Record<string, Block>>;
  dataSources: Readonly<Record<string, Block>>;
  ephemeralResources: Readonly<Record<string, Block>>;
};

/** What a type is asked for as: `resource`, `data` or `ephemeral` block. */
export type TypeKind = 'resource' | 'data' | 'ephemeral';
